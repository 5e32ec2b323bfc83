//! The JSON Schema of `target.toml`, for editors: `targets/schema.json`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema, schema_for};
use serde_json::{Map, Value, json};

use super::{Manifest, Workers};

/// The JSON Schema of a manifest. A file with `extends` may leave out what its
/// parent says, also within `run` and `build`.
pub fn schema() -> Value {
    let mut schema = schema_for!(Manifest).to_value();
    let mut whole = Map::new();
    for (key, table) in [("run", "RunPlan"), ("build", "BuildPlan")] {
        let required = schema["$defs"][table]["required"].take();
        if let Some(table) = schema["$defs"][table].as_object_mut() {
            table.remove("required");
        }
        whole.insert(key.to_owned(), json!({ "required": required }));
    }
    let required = schema["required"].take();
    schema["required"] = json!(["schema", "id", "name"]);
    schema["anyOf"] = json!([
        { "required": ["extends"] },
        { "required": required, "properties": whole },
    ]);
    schema
}

impl JsonSchema for Workers {
    fn schema_name() -> Cow<'static, str> {
        "Workers".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, or \"cpus\" for one a CPU.",
            "anyOf": [
                { "const": "cpus" },
                { "type": "integer", "minimum": 1, "maximum": 4096 }
            ]
        })
    }
}
