//! Which bodies, fields and parameters the double takes (clauses 4.5 to 5.8).

use serde_json::Value;

use crate::answer::{Answer, BAD_JSON, EMAIL_TAKEN, INVALID_TOKEN};
use crate::double::Double;
use crate::fault::Fault::*;
use crate::routes::{Route, Visit};
use crate::wire::Request;

/// The text that a member means, or `None` when it is invalid.
type Rule = fn(&Double, &Value) -> Option<String>;

pub(crate) const REGISTER: &[(&str, Rule)] =
    &[("email", email), ("password", password), ("name", name)];
const LOGIN: &[(&str, Rule)] = &[("email", login_email), ("password", login_text)];
const RENAME: &[(&str, Rule)] = &[("name", new_name)];
const WEBHOOK: &[(&str, Rule)] = &[("event", event), ("payload", payload)];

/// The body as JSON, if it is that.
pub(crate) fn parsed(double: &Double, body: &[u8]) -> Option<Value> {
    match double.fault {
        IgnoresTextBehind => {
            let mut values = serde_json::Deserializer::from_slice(body).into_iter();
            values.next()?.ok()
        }
        ReplacesBadUtf8 => serde_json::from_str(&String::from_utf8_lossy(body)).ok(),
        _ => serde_json::from_slice(body).ok(),
    }
}

pub(crate) fn is_json(double: &Double, request: &Request) -> bool {
    let field = request.header("Content-Type").unwrap_or_default();
    let media_type = field.split(';').next().unwrap().trim();
    match double.fault {
        MediaTypeExact => field == "application/json",
        AnyKindOfJson => field.to_ascii_lowercase().contains("json"),
        _ => media_type.eq_ignore_ascii_case("application/json"),
    }
}

pub(crate) fn is_too_large(double: &Double, request: &Request) -> bool {
    let limit = match double.fault {
        NoSizeLimit => usize::MAX,
        SizeByLengthOnly if request.is_chunked => usize::MAX,
        SizeLimitOf64000 => 64_000,
        _ => 65_536,
    };
    request.body.len() > limit
}

/// An id as a path has it.
pub(crate) fn id(double: &Double, text: &str) -> Option<i64> {
    let is_right = (1..=16).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (!text.starts_with('0') || double.has(LeadingZeros));
    is_right.then(|| text.parse().unwrap())
}

/// Everything that is wrong with what a request says.
pub(crate) fn check(visit: &Visit<'_>) -> Result<(), Answer> {
    let double = visit.double;
    let method = &*visit.request.method;
    let rules = match (visit.route, method) {
        (Some(Route::Register), _) => REGISTER,
        (Some(Route::Login), _) => LOGIN,
        (Some(Route::Me), "PATCH") => RENAME,
        (Some(Route::Webhooks), _) => WEBHOOK,
        (Some(Route::Users), _) => return page(visit).map(|_| ()),
        _ => return Ok(()),
    };
    let Some(json) = &visit.json else {
        return Ok(());
    };
    if double.has(NotAnObject400) && !json.is_object() {
        return Err(Answer::error(double, BAD_JSON));
    }
    if double.has(RowBeforeFields) && rules == RENAME && double.rows.by_id(visit.caller).is_none() {
        return Err(Answer::error(double, INVALID_TOKEN));
    }
    let is_registering = visit.route == Some(Route::Register);
    if double.has(ConflictBeforeFields) && is_registering {
        let email = json["email"].as_str().unwrap_or_default();
        if double.rows.by_email(email).is_some() {
            return Err(Answer::error(double, EMAIL_TAKEN));
        }
    }
    let mut faults = Vec::new();
    for (name, rule) in rules {
        match json.get(name) {
            None if double.has(MissingIsInvalid) && is_registering => {
                faults.push((*name, "invalid"));
            }
            None => faults.push((*name, "required")),
            Some(value) if rule(double, value).is_none() => faults.push((*name, "invalid")),
            Some(_) => {}
        }
    }
    if double.has(RefusesUnknownMembers) && is_registering {
        let members = json.as_object().into_iter().flat_map(|map| map.keys());
        let unknown = members.filter(|member| rules.iter().all(|(name, _)| name != member));
        faults.extend(unknown.map(|_| ("unknown", "invalid")));
    }
    match &faults[..] {
        [] => Ok(()),
        faults => Err(Answer::invalid(double, faults)),
    }
}

/// `limit` and `after` of a page.
pub(crate) fn page(visit: &Visit<'_>) -> Result<(usize, i64), Answer> {
    let double = visit.double;
    let mut limit = Some(if double.has(DefaultOf10) { 10 } else { 20 });
    let mut after = Some(0);
    let mut faults = Vec::new();
    for pair in visit.query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let digits = |value: &str| {
            let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| value.parse::<i64>().ok()).flatten()
        };
        match name {
            "limit" => {
                let bare = value.replace("%20", "");
                let value = if double.has(LimitTakesBlanks) {
                    &bare
                } else {
                    value
                };
                limit = digits(value).filter(|limit| (1..=100).contains(limit));
            }
            "after" if double.has(NegativeAfter) && value == "-1" => after = Some(0),
            "after" => after = digits(value).filter(|after| *after <= 9_007_199_254_740_991),
            _ if double.has(RefusesUnknownParameters) => faults.push(("unknown", "invalid")),
            _ => {}
        }
    }
    faults.extend(limit.is_none().then_some(("limit", "invalid")));
    faults.extend(after.is_none().then_some(("after", "invalid")));
    match (limit, after, &faults[..]) {
        (Some(limit), Some(after), []) => Ok((usize::try_from(limit).unwrap(), after)),
        (_, _, faults) => Err(Answer::invalid(double, faults)),
    }
}

fn email(double: &Double, value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let lower = match double.fault {
        LowersUnicode => text.to_lowercase(),
        _ => text.to_ascii_lowercase(),
    };
    let most = if double.has(EmailUpTo255) { 255 } else { 254 };
    let seen = match double.fault {
        EmailTakesLineEnd => lower.strip_suffix('\n').unwrap_or(&lower),
        _ => &lower,
    };
    let is_right = seen.len() <= most && is_email(double, seen);
    is_right.then(|| match double.fault {
        KeepsCase => text.to_owned(),
        _ => lower,
    })
}

fn is_email(double: &Double, text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let Some((host, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let longest = if double.has(RefusesLongTopLevel) {
        10
    } else {
        24
    };
    (1..=64).contains(&local.len())
        && local
            .bytes()
            .all(|byte| plain(byte) || b"._%+-".contains(&byte))
        && host
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(|byte| plain(byte) || byte == b'-'))
        && (2..=longest).contains(&top.len())
        && top.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn password(double: &Double, value: &Value) -> Option<String> {
    let text = match value {
        Value::Number(number) if double.has(CoercesNumbers) => number.to_string(),
        value => value.as_str()?.to_owned(),
    };
    let shortest = if double.has(PasswordsFromNine) { 9 } else { 8 };
    let first = if double.has(PasswordsWithBlanks) {
        b' '
    } else {
        b'!'
    };
    let is_right = (shortest..=64).contains(&text.len())
        && text.bytes().all(|byte| (first..=b'~').contains(&byte));
    is_right.then_some(text)
}

fn name(double: &Double, value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let length = match double.fault {
        CountsUtf16 => text.encode_utf16().count(),
        _ => text.chars().count(),
    };
    let is_odd = |sign: char| sign < ' ' || (sign == '\u{7f}' && !double.has(NamesWithDelete));
    let is_right = (1..=64).contains(&length) && !text.chars().any(is_odd);
    is_right.then(|| match double.fault {
        TrimsNames => text.trim().to_owned(),
        _ => text.to_owned(),
    })
}

fn new_name(double: &Double, value: &Value) -> Option<String> {
    match double.fault {
        RenameUnchecked => value.as_str().map(str::to_owned),
        _ => name(double, value),
    }
}

fn login_text(double: &Double, value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let shortest = if double.has(LoginTakesEmpty) { 0 } else { 1 };
    let is_right = (shortest..=254).contains(&text.chars().count());
    is_right.then(|| text.to_owned())
}

fn login_email(double: &Double, value: &Value) -> Option<String> {
    match double.fault {
        LoginWantsPatterns => email(double, value),
        _ => login_text(double, value),
    }
}

fn event(double: &Double, value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let is_right = (1..=64).contains(&text.len())
        && text.as_bytes()[0].is_ascii_lowercase()
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte)
        });
    (is_right || double.has(EventUnchecked)).then(|| text.to_owned())
}

fn payload(double: &Double, value: &Value) -> Option<String> {
    let text = value.is_object().then(|| value.to_string())?;
    let is_right = text.len() <= 4096 || double.has(PayloadOfAnySize);
    is_right.then_some(text)
}

/// The members of a body that was checked.
pub(crate) fn texts(visit: &Visit<'_>, names: [&str; 3]) -> [String; 3] {
    let json = visit.json.as_ref().unwrap();
    names.map(|name| {
        let rule = REGISTER.iter().find(|(other, _)| *other == name);
        rule.and_then(|(_, rule)| rule(visit.double, &json[name]))
            .unwrap_or_default()
    })
}
