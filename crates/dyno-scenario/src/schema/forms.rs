//! The schemas of values that can be written in more than one way.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::{Arrivals, raw};

/// Gives a type the schema that stands in its place.
macro_rules! form {
    ($(#[$doc:meta])* $type:ident, $schema:expr) => {
        $(#[$doc])*
        pub(crate) struct $type;

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let schema: fn(&mut SchemaGenerator) -> Schema = $schema;
                schema(generator)
            }
        }
    };
}

/// One value or a list of levels.
pub(crate) struct Levels<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for Levels<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}Levels", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({
            "anyOf": [
                one,
                { "type": "array", "items": one, "minItems": 1, "uniqueItems": true },
            ],
        })
    }
}

form!(
    /// A duration in text.
    DurationText,
    |_| json_schema!({
        "type": "string",
        "description": "A number and a unit: ms, s, m or h.",
        "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$",
        "examples": ["250ms", "1.5s", "2m"],
    })
);

form!(
    /// A rate in text.
    RateText,
    |_| rate(
        "A number per second, minute or hour, from 1/h to 10000000/s.",
        "30/m"
    )
);

form!(
    /// A rate that may be none.
    RateOrZeroText,
    |_| rate(
        "0/s, or a number per second, minute or hour, from 1/h to 10000000/s.",
        "0/s"
    )
);

fn rate(description: &str, example: &str) -> Schema {
    json_schema!({
        "type": "string",
        "description": description,
        "pattern": r"^[0-9]+(\.[0-9]+)?/(s|m|h)$",
        "examples": ["500/s", "1.5/s", example],
    })
}

form!(
    /// A number of connections.
    ConnectionCount,
    |_| json_schema!({ "type": "integer", "minimum": 1, "maximum": raw::MOST_CONNECTIONS })
);

form!(
    /// A number of starts.
    RequestCount,
    |_| json_schema!({ "type": "integer", "minimum": 1 })
);

form!(
    /// A level of a search.
    LevelForm,
    |generator| {
        let rate = generator.subschema_for::<RateText>();
        let count = generator.subschema_for::<ConnectionCount>();
        json_schema!({ "anyOf": [rate, count] })
    }
);

form!(
    /// What must hold of a probe.
    LimitText,
    |_| {
        let number = r"[0-9]+(\.[0-9]+)?";
        let time = format!(r"(p[0-9]{{1,2}}(\.[0-9]{{1,4}})?|max|mean)\s*<=?\s*{number}(ms|s|m|h)");
        let failed = format!(r"failed\s*<=?\s*{number}%");
        let rate = format!(r"(throughput|goodput)\s*>=?\s*{number}(%|/(s|m|h))");
        let clause = format!("({time}|{failed}|{rate})");
        let pattern = format!(r"^\s*{clause}(\s+and\s+{clause})*\s*$");
        json_schema!({ "type": "string", "pattern": pattern })
    }
);

form!(
    /// A share in text.
    PercentText,
    |_| json_schema!({ "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?%$" })
);

form!(
    /// How starts lie in time.
    ArrivalsWord,
    |_| json_schema!({ "enum": raw::ARRIVALS.map(Arrivals::word) })
);

form!(
    /// How fast a log is replayed.
    SpeedNumber,
    |_| json_schema!({
        "type": "number",
        "minimum": 1.0 / raw::MOST_SPEED,
        "maximum": raw::MOST_SPEED,
    })
);

form!(
    /// What becomes a text by itself.
    FormValue,
    |_| json_schema!({
        "type": ["string", "number", "boolean"],
        "description": "A text, a number, true or false; sent as text.",
    })
);

form!(
    /// A value or a list of levels of a variable.
    VariableForm,
    |generator| Levels::<FormValue>::json_schema(generator)
);

form!(
    /// A pause before a request.
    ThinkForm,
    |generator| {
        let duration = generator.subschema_for::<DurationText>().to_value();
        let key = |description: &str, example: &str| with(&duration, description, &json!(example));
        json_schema!({
            "anyOf": [
                duration,
                object(&["min", "max"], json!({
                    "min": key("The shortest pause.", "10ms"),
                    "max": key("The longest pause, longer than min.", "100ms"),
                })),
                object(&["mean"], json!({
                    "mean": key("The mean of pauses that are exponentially distributed.", "50ms"),
                })),
            ],
        })
    }
);

form!(
    /// Statuses.
    StatusForm,
    |_| {
        let one = json!({
            "anyOf": [
                { "type": "integer", "minimum": 100, "maximum": 599 },
                { "type": "string", "pattern": "^[1-5]xx$" },
            ],
        });
        json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }
);

form!(
    /// One text or a list of texts.
    ContainsForm,
    |_| json_schema!({
        "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" }, "minItems": 1 },
        ],
    })
);

form!(
    /// What must hold of a header.
    HeaderForm,
    |_| {
        let text = json!({ "type": "string" });
        let exists = json!({
            "const": true,
            "description": "Whatever its value is.",
            "examples": [true],
        });
        json_schema!({
            "anyOf": [
                text,
                object(&["equals"], json!({ "equals": with(&text, "The whole value.", &json!("text/html")) })),
                object(&["contains"], json!({ "contains": with(&text, "A part of the value.", &json!("json")) })),
                object(&["matches"], json!({ "matches": with(&text, "A regular expression.", &json!("^text/")) })),
                object(&["exists"], json!({ "exists": exists })),
            ],
        })
    }
);

form!(
    /// How many.
    CountForm,
    |_| {
        let number = json!({ "type": "integer", "minimum": 0 });
        let properties = json!({
            "min": with(&number, "The least that is right.", &json!(1)),
            "max": with(&number, "The most that is right.", &json!(100)),
        });
        let mut range = object(&[], properties);
        range["minProperties"] = json!(1);
        json_schema!({ "anyOf": [number, range] })
    }
);

form!(
    /// What must hold of a node of JSON.
    NodeForm,
    |generator| {
        let count = generator.subschema_for::<CountForm>().to_value();
        let names = raw::TYPES.map(|(name, _)| name);
        let mut table = object(
            &[],
            json!({
                "exists": with(&json!({ "type": "boolean" }), "Whether there is one.", &json!(false)),
                "equals": with(&json!({}), "The value, an object for example.", &json!({ "id": 5 })),
                "type": with(&json!({ "enum": names }), "The type of the value.", &json!("string")),
                "count": with(&count, "How many values the list has, or how many the path selects.", &json!(3)),
            }),
        );
        table["minProperties"] = json!(1);
        json_schema!({ "anyOf": [{ "not": { "type": "object" } }, table] })
    }
);

form!(
    /// Where a captured value stands.
    CaptureForm,
    |_| {
        let text = json!({ "type": "string", "minLength": 1 });
        let one = |key: &str, description: &str, example: &str| {
            let value = with(&text, description, &json!(example));
            object(&[key], json!({ key: value }))
        };
        json_schema!({
            "anyOf": [
                { "type": "string", "pattern": "^\\$" },
                one("json", "A JSONPath into the body.", "$.items[0].id"),
                one("header", "The name of a header.", "Location"),
                one("cookie", "The name of a cookie that the answer sets.", "session"),
                one("regex", "A regular expression for the body; its first group is the value.", "id=(\\d+)"),
            ],
        })
    }
);

/// A table with these keys and no others.
fn object(required: &[&str], properties: Value) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// A schema with a description and an example of its own.
fn with(schema: &Value, description: &str, example: &Value) -> Value {
    let mut schema = schema.clone();
    schema["description"] = json!(description);
    schema["examples"] = json!([example]);
    schema
}
