//! The JSON Schema of the scenario file, for editors and for the reader.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use serde_json::Value;

use crate::raw;

mod forms;
mod kinds;

pub(crate) use forms::{
    ArrivalsWord, CaptureForm, ConnectionCount, ContainsForm, CountForm, DurationText, FormValue,
    HeaderForm, LevelForm, Levels, LimitText, NodeForm, PercentText, RateOrZeroText, RateText,
    RequestCount, SpeedNumber, StatusForm, ThinkForm, VariableForm,
};
pub(crate) use kinds::{search_kinds, step_kinds, what_is_asked};

/// The JSON Schema (draft 2020-12) of a scenario file.
///
/// It knows every key, type and range. What it cannot say, such as that names
/// of steps differ, only [`parse`](crate::parse) finds.
#[must_use]
pub fn schema() -> Value {
    SchemaSettings::draft2020_12()
        .with_transform(toml_has_no_null)
        .with_transform(one_line_descriptions)
        .into_generator()
        .into_root_schema_for::<raw::Scenario>()
        .to_value()
}

/// An absent key is absent in TOML, never null.
fn toml_has_no_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice != &serde_json::json!({ "type": "null" }));
        if let [only] = choices.as_slice()
            && let Value::Object(only) = only.clone()
        {
            schema.remove("anyOf");
            for (key, value) in only {
                schema.insert(key, value);
            }
        }
    }
    transform_subschemas(&mut toml_has_no_null, schema);
}

/// Doc comments are wrapped for the screen of a programmer.
fn one_line_descriptions(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
    transform_subschemas(&mut one_line_descriptions, schema);
}

#[cfg(test)]
mod tests;
