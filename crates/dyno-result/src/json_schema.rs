//! The JSON Schema of `run.json`.

use crate::Run;

/// The schema, generated from the stored structs. The committed copy is
/// `results/schema.json`: `dyno schema result > results/schema.json`.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Run).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_the_one_that_is_generated() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../results/schema.json");
        let committed = std::fs::read_to_string(path).unwrap();
        let committed: serde_json::Value = serde_json::from_str(&committed).unwrap();
        let hint = "run `dyno schema result > results/schema.json`";
        assert_eq!(committed, schema(), "{hint}");
    }
}
