//! Which keys go together: what the schema can say of it.

use serde_json::{Map, Value, json};

/// Which keys of a step go together: one form for each kind of load.
pub(crate) fn step_kinds() -> Value {
    const LOAD: [&str; 8] = [
        "requests", "duration", "rate", "ramp", "stages", "burst", "replay", "arrivals",
    ];
    let form = |required: &[&str], optional: &[&str]| {
        let is_refused = |key: &&&str| !required.contains(*key) && !optional.contains(*key);
        let refused = LOAD.iter().filter(is_refused);
        let properties: Map<String, Value> = refused
            .map(|key| ((*key).to_owned(), false.into()))
            .collect();
        json!({ "required": required, "properties": properties })
    };
    json!([
        form(&["requests", "connections"], &[]),
        form(&["duration", "connections"], &[]),
        form(&["rate", "duration"], &["arrivals"]),
        form(&["ramp", "duration"], &["arrivals"]),
        form(&["stages"], &["arrivals"]),
        form(&["burst", "duration"], &[]),
        form(&["replay"], &[]),
    ])
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
