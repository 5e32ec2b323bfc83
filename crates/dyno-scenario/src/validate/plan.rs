//! What is asked: every name defined, then every request with the names it may use.

use dyno_toml::{Problem, Spanned};

use super::names::{BUILT_IN, Names, PREFIXES, Scope};
use super::request::request;
use super::{Report, check_title, value};
use crate::{
    Capture, Data, Flow, Mix, Order, Plan, Request, Rows, Secret, SecretPlace, is_token, raw,
};

/// The plan as meant, whatever was reported about it.
pub(super) fn plan(raw: &raw::Scenario, report: Report<'_>) -> Plan {
    let mut names = Names {
        vars: variables(&raw.vars, report),
        data: raw.data.iter().map(|data| data_of(data, report)).collect(),
        secrets: raw.secret.iter().map(|one| secret(one, report)).collect(),
        ..Names::default()
    };
    check_environment(&raw.env, report);
    let mut trial = Scope::default();
    let setup = in_turn(raw.setup.as_deref(), &mut names, &mut trial, report);
    // Each flow begins with what the setup captured.
    let flow_scope = Scope {
        kept: trial.captured.clone(),
        in_flow: true,
        ..trial.clone()
    };
    // What flows capture is known to all of them before the first is read, so that
    // a name from another one is told from one that is nowhere.
    let short = raw.request.iter().flatten();
    let flows = raw.flow.iter().flatten();
    let requests = short.chain(flows.flat_map(|flow| flow.request.iter().flatten()));
    for capture in requests.flat_map(|request| &request.capture) {
        names.slot(&capture.name.value);
    }
    let mut flows = Vec::new();
    for request in raw.request.iter().flatten() {
        let request = std::slice::from_ref(request);
        let mut scope = flow_scope.clone();
        let requests = in_turn(Some(request), &mut names, &mut scope, report);
        flows.extend(Plan::of(requests).flows);
    }
    for flow in raw.flow.iter().flatten() {
        check_flow_name(flow, &flows, report);
        let mut scope = flow_scope.clone();
        flows.push(Flow {
            name: value(flow.name.as_ref(), String::new()),
            weight: value(flow.weight.as_ref(), 1),
            cookies: value(flow.cookies.as_ref(), false),
            requests: in_turn(flow.request.as_deref(), &mut names, &mut scope, report),
        });
    }
    let teardown = in_turn(raw.teardown.as_deref(), &mut names, &mut trial, report);
    Plan {
        flows,
        mix: if raw.flow.is_some() {
            Mix::Weights
        } else {
            Mix::Turns
        },
        slots: names.slots,
        data: names.data,
        secrets: names.secrets,
        setup,
        teardown,
    }
}

/// Requests of which each may use what those before it captured.
fn in_turn(
    raw: Option<&[raw::Request]>,
    names: &mut Names,
    scope: &mut Scope,
    report: Report<'_>,
) -> Vec<Request> {
    let mut requests = Vec::new();
    for raw in raw.unwrap_or_default() {
        let mut request = request(raw, names, scope, report);
        let mut taken = Vec::new();
        for capture in &raw.capture {
            let key = format!("{}.capture", raw.key);
            check_name(&key, &capture.name, &BUILT_IN, report);
            let slot = names.slot(&capture.name.value);
            if scope.kept.contains(&slot) {
                let message = format!("`{key}`: [[setup]] captures `{}` too", capture.name.value);
                let hint = "its value is for the whole trial; give this one another name";
                report(Problem::new(message, capture.name.place.clone()).hint(hint));
            }
            let from = capture.from.clone();
            request
                .captures
                .extend(from.map(|from| Capture { slot, from }));
            taken.push(slot);
        }
        taken.retain(|slot| !scope.captured.contains(slot));
        scope.captured.extend(taken);
        requests.push(request);
    }
    requests
}

fn check_flow_name(flow: &raw::Flow, flows: &[Flow], report: Report<'_>) {
    let Some(name) = &flow.name else { return };
    check_title("flow.name", name, report);
    if flows.iter().any(|other| other.name == name.value) {
        let message = format!("`flow.name`: there is a flow {:?} already", name.value);
        report(Problem::new(message, name.place.clone()));
    }
}

fn data_of((name, data): &(Spanned<String>, raw::Data), report: Report<'_>) -> Data {
    check_name("data", name, &PREFIXES, report);
    let text = |given: &Option<Spanned<String>>| given.as_ref().map(|text| text.value.clone());
    let csv = || text(&data.csv).map(Rows::Csv);
    let lines = || text(&data.jsonl).map(Rows::JsonLines);
    let rows = match &data.rows {
        Some((columns, rows)) => Rows::Inline(columns.clone(), rows.clone()),
        None => csv().or_else(lines).unwrap_or(Rows::Csv(String::new())),
    };
    Data {
        name: name.value.clone(),
        rows,
        order: value(data.order.as_ref(), Order::default()),
        end: value(data.end.as_ref(), crate::End::default()),
    }
}

fn secret((name, secret): &(Spanned<String>, raw::Secret), report: Report<'_>) -> Secret {
    check_name("secret", name, &[], report);
    let from = match (&secret.env, &secret.file) {
        (None, Some(file)) => SecretPlace::File(file.value.clone()),
        (env, _) => SecretPlace::Env(value(env.as_ref(), String::new())),
    };
    Secret {
        name: name.value.clone(),
        from,
    }
}

fn variables(raw: &raw::Variables, report: Report<'_>) -> Vec<String> {
    let name = |(name, _): &(Spanned<String>, _)| {
        check_name("vars", name, &[], report);
        name.value.clone()
    };
    raw.iter().map(name).collect()
}

/// What a system accepts as names and values of variables.
fn check_environment(raw: &raw::Variables, report: Report<'_>) {
    for (name, levels) in raw {
        if !is_token(&name.value) {
            let message = format!("`env`: {:?} cannot be the name of a variable", name.value);
            let hint = "letters, digits and `_`, such as \"WORKERS\"";
            report(Problem::new(message, name.place.clone()).hint(hint));
        }
        for level in levels.iter().filter(|level| level.value.contains('\0')) {
            let message = format!("`env.{}` cannot have '\\0'", name.value);
            report(Problem::new(message, level.place.clone()));
        }
    }
}

/// A name that a placeholder can say.
fn check_name(key: &str, name: &Spanned<String>, taken: &[&str], report: Report<'_>) {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let wrong = if name.value.is_empty() || !name.value.chars().all(fits) {
        "cannot be a name"
    } else if taken.contains(&name.value.as_str()) {
        "is the name of something else"
    } else {
        return;
    };
    let message = format!("`{key}`: {:?} {wrong}", name.value);
    let hint = match wrong {
        "cannot be a name" => "letters, digits, `_` and `-`, such as \"token\"".to_owned(),
        _ => format!("not {}", taken.join(", ")),
    };
    report(Problem::new(message, name.place.clone()).hint(hint));
}
