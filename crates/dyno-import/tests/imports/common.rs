//! What all imports must pass.

use dyno_import::Imported;
use dyno_scenario::{Scenario, parse};

/// The scenario that came of it; it must be one without problems, and begin with a
/// comment that says what it was made from.
pub(crate) fn parsed(imported: &Imported) -> Scenario {
    let text = &imported.text;
    let scenario =
        parse("import.toml", text).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    assert!(
        scenario.question.starts_with("Made by `dyno import "),
        "{}",
        scenario.question
    );
    scenario
}

/// With the step of its last comment in the place of its own.
pub(crate) fn uncommented(imported: &Imported) -> Imported {
    let (head, tail) = imported.text.rsplit_once("# [[step]]").unwrap();
    let (head, _) = head.split_once("\n[[step]]").unwrap();
    let tail = tail.replace("\n# ", "\n");
    Imported {
        text: format!("{head}\n[[step]]{tail}"),
        warnings: Vec::new(),
    }
}
