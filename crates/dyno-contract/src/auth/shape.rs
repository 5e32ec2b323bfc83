//! The forms of values in answers: members, times, ids.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::finding::Verdict;

pub(super) const USER: &[&str] = &["id", "email", "name", "created_at", "updated_at"];
pub(super) const PUBLIC_USER: &[&str] = &["id", "name", "created_at"];

/// How far a time that is now may be off: clocks of two machines, and a busy one.
const NOW: SignedDuration = SignedDuration::from_secs(30);

/// Whether it is an object with these members, and no other.
pub(super) fn members(value: &Value, wanted: &[&str]) -> Verdict {
    let map = value.as_object();
    let map = map.ok_or_else(|| format!("{value} is not an object"))?;
    let is_whole = wanted.iter().all(|name| map.contains_key(*name));
    if is_whole && map.len() == wanted.len() {
        return Ok(());
    }
    let seen: Vec<_> = map.keys().map(String::as_str).collect();
    Err(format!(
        "the members are {}, wanted {}",
        seen.join(", "),
        wanted.join(", ")
    ))
}

/// Whether two values are equal; `what` names them.
pub(super) fn equal(what: &str, seen: &Value, wanted: impl Into<Value>) -> Verdict {
    let wanted = wanted.into();
    if *seen == wanted {
        Ok(())
    } else {
        Err(format!("`{what}` is {seen}, wanted {wanted}"))
    }
}

/// A time of the contract's form: `2026-11-22T04:31:51.958Z`.
pub(super) fn time(what: &str, value: &Value) -> Result<Timestamp, String> {
    const FORM: &[u8] = b"0000-00-00T00:00:00.000Z";
    let wrong =
        || format!("`{what}` is {value}, wanted a time such as \"2026-11-22T04:31:51.958Z\"");
    let text = value.as_str().ok_or_else(wrong)?;
    let fits = text.len() == FORM.len()
        && text.bytes().zip(FORM).all(|(seen, form)| match form {
            b'0' => seen.is_ascii_digit(),
            _ => seen == *form,
        });
    let time = fits.then(|| text.parse().ok()).flatten();
    time.ok_or_else(wrong)
}

/// A time however it is written: its form is for one check to say.
pub(super) fn moment(what: &str, value: &Value) -> Result<Timestamp, String> {
    let time = value.as_str().and_then(|text| text.parse().ok());
    time.ok_or_else(|| format!("`{what}` is {value}, wanted a time"))
}

/// Whether a time is now.
pub(super) fn is_now(what: &str, time: Timestamp) -> Verdict {
    let now = Timestamp::now();
    if time.duration_since(now).abs() <= NOW {
        Ok(())
    } else {
        Err(format!("`{what}` is {time}, and now is {now}"))
    }
}

/// Whether it is a UUID, whatever its version.
pub(super) fn is_uuid(text: &str) -> bool {
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    let good = |character: char| character == '-' || character.is_ascii_hexdigit();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(good)
}

/// Whether a JSON text has no blanks between its tokens; one line end may follow.
pub(super) fn is_compact(json: &[u8]) -> bool {
    let json = json.strip_suffix(b"\n").unwrap_or(json);
    let json = json.strip_suffix(b"\r").unwrap_or(json);
    let (mut is_inside, mut is_escaped) = (false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_inside => is_escaped = true,
            b'"' => is_inside = !is_inside,
            b' ' | b'\t' | b'\r' | b'\n' if !is_inside => return false,
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_have_three_decimals_and_a_z() {
        for (text, expected) in [
            ("2026-11-22T04:31:51.958Z", true),
            ("2026-11-22T04:31:51.000Z", true),
            ("2026-11-22T04:31:51Z", false),
            ("2026-11-22T04:31:51.95Z", false),
            ("2026-11-22T04:31:51.958123Z", false),
            ("2026-11-22T04:31:51.958+00:00", false),
            ("2026-11-22 04:31:51.958Z", false),
            ("2026-13-22T04:31:51.958Z", false),
        ] {
            assert_eq!(time("at", &json!(text)).is_ok(), expected, "{text}");
        }
        assert!(time("at", &json!(1)).is_err());
        assert!(moment("at", &json!("2026-11-22T04:31:51.958123+00:00")).is_ok());
    }

    #[test]
    fn blanks_inside_of_texts_are_compact() {
        for (text, expected) in [
            (r#"{"a":"b c","d":[1,2]}"#, true),
            ("{\"a\":1}\n", true),
            ("{\"a\":1}\r\n", true),
            ("{\"a\":1}\n\n", false),
            (r#"{"a": 1}"#, false),
            (r#"{"a":"\" ","b":1}"#, true),
            (r#"{"a":"\\", "b":1}"#, false),
            ("", true),
        ] {
            assert_eq!(is_compact(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn uuids_are_known_by_their_form() {
        for (text, expected) in [
            ("01890a5d-ac96-774b-bcce-b302099a8057", true),
            ("01890A5D-AC96-774B-BCCE-B302099A8057", true),
            ("01890a5dac96774bbcceb302099a8057", false),
            ("01890a5d-ac96-774b-bcce-b302099a805g", false),
            ("", false),
        ] {
            assert_eq!(is_uuid(text), expected, "{text}");
        }
    }

    #[test]
    fn members_are_compared_as_a_set() {
        assert_eq!(members(&json!({ "b": 1, "a": 2 }), &["a", "b"]), Ok(()));
        assert_eq!(
            members(&json!({ "a": 1, "c": 2 }), &["a", "b"]),
            Err("the members are a, c, wanted a, b".to_owned())
        );
        assert!(members(&json!([]), &[]).is_err());
    }
}
