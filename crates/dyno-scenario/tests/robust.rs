//! Whatever stands in a file, the answer is a scenario or a list of problems.

#[path = "robust/check.rs"]
mod check;

use std::fs;
use std::path::Path;

use check::check;
use dyno_scenario::parse_with;
use proptest::prelude::*;

/// Right texts to begin with: the short form, and most of the language.
const SCENARIOS: [&str; 3] = [
    include_str!("../../../scenarios/greet.toml"),
    include_str!("../../../fuzz/corpus/scenario/flows-sign-in"),
    include_str!("../../../fuzz/corpus/scenario/whole-language"),
];

/// A piece that a hand or an editor could put in a wrong place.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "",
        "\n",
        " ",
        "=",
        "\"",
        "'",
        "[",
        "]",
        "{",
        "}",
        "[[",
        "]]",
        "#",
        ",",
        ".",
        "0",
        "-1",
        "1e9",
        "nan",
        "true",
        "[]",
        "{}",
        "\"\"",
        "'5s'",
        "\u{feff}",
        "é",
        "\0",
        "[[request]]\n",
        "[[step]]\n",
        "path",
        "duration",
        "connections = []\n",
        "json = [{ a = inf }]\n",
        "{{",
        "}}",
        "{{seq}}",
        "{{ a | number }}",
        "[[flow]]\n",
        "[data.x]\n",
        "$",
    ];
    prop_oneof![
        prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        "\\PC{0,8}",
    ]
}

/// Something like a path, something like a value.
fn setting() -> impl Strategy<Value = String> {
    let paths = [
        "step",
        "[0]",
        ".",
        "name",
        "rate",
        "request",
        "flow",
        "\"sign in\"",
        "vars",
        "steady",
        "[99]",
        "data.user",
        "path",
        "json",
        "=",
        "\"",
        "é",
    ];
    let values = [
        "5",
        "5s",
        "'5s",
        "[1, 2",
        "[1, x]",
        "{ a = 1 }",
        "{{seq}}",
        "/{{nothing}}",
        "",
        "\n",
        "é",
    ];
    let path = prop::collection::vec(prop::sample::select(paths.to_vec()), 0..5);
    let value = prop::sample::select(values.to_vec());
    (path, value).prop_map(|(path, value)| format!("{}={value}", path.concat()))
}

#[test]
fn the_corpus_is_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/scenario");
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        // The fuzzer sees only what is text.
        if let Ok(text) = String::from_utf8(fs::read(entry.unwrap().path()).unwrap()) {
            check(&text);
            files += 1;
        }
    }
    assert!(files > 10, "the corpus has {files} files");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_mutation_is_answered(
        mut text in prop::sample::select(SCENARIOS.map(str::to_owned).to_vec()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..30_usize, piece()), 1..5),
    ) {
        for (index, length, piece) in edits {
            let boundary = |mut at: usize| {
                at = at.min(text.len());
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let start = boundary(index.index(text.len() + 1));
            let end = boundary(start + length).max(start);
            text.replace_range(start..end, &piece);
        }
        check(&text);
    }

    #[test]
    fn any_order_and_choice_of_lines_is_answered(
        lines in prop::collection::vec(prop::sample::select(SCENARIOS.map(str::lines).into_iter().flatten().collect::<Vec<_>>()), 0..40),
    ) {
        check(&lines.join("\n"));
    }

    #[test]
    fn any_settings_are_answered(
        text in prop::sample::select(SCENARIOS.to_vec()),
        settings in prop::collection::vec(setting(), 1..4),
    ) {
        if let Err(problems) = parse_with("t.toml", text, &settings) {
            prop_assert!(!problems.to_string().is_empty());
        }
    }
}
