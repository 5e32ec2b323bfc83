//! Which keys go together: what the schema can say of it.

use serde_json::{Map, Value, json};

/// Which keys of a step go together: one form for each kind of load.
pub(crate) fn step_kinds() -> Value {
    const LOAD: [&str; 9] = [
        "requests", "duration", "rate", "ramp", "stages", "burst", "replay", "search", "arrivals",
    ];
    let form = |required: &[&str], optional: &[&str]| {
        let is_refused = |key: &&&str| !required.contains(*key) && !optional.contains(*key);
        let refused = LOAD.iter().filter(is_refused);
        let properties: Map<String, Value> = refused
            .map(|key| ((*key).to_owned(), false.into()))
            .collect();
        json!({ "required": required, "properties": properties })
    };
    let mut by_connections = form(&["search"], &[]);
    by_connections["properties"]["search"] = is_by("connections");
    by_connections["properties"]["connections"] = false.into();
    let mut by_rate = form(&["search"], &["arrivals"]);
    by_rate["properties"]["search"] = json!({ "not": is_by("connections") });
    json!([
        form(&["requests", "connections"], &[]),
        form(&["duration", "connections"], &[]),
        form(&["rate", "duration"], &["arrivals"]),
        form(&["ramp", "duration"], &["arrivals"]),
        form(&["stages"], &["arrivals"]),
        form(&["burst", "duration"], &[]),
        form(&["replay"], &[]),
        by_rate,
        by_connections,
    ])
}

/// The levels of a search are of the kind that `by` says.
pub(crate) fn search_kinds() -> Value {
    let levels = |kind: &str| json!({ "from": { "type": kind }, "to": { "type": kind } });
    json!([
        { "properties": levels("string"), "not": is_by("connections") },
        { "properties": levels("integer"), "allOf": [is_by("connections")] },
    ])
}

/// A search that says so.
fn is_by(word: &str) -> Value {
    json!({ "required": ["by"], "properties": { "by": { "const": word } } })
}

/// Requests or flows, unless all steps replay logs.
pub(crate) fn what_is_asked() -> Value {
    json!([
        { "required": ["request"] },
        { "required": ["flow"] },
        {
            "properties": {
                "request": false,
                "flow": false,
                "step": { "items": { "required": ["replay"] } },
            },
        },
    ])
}
