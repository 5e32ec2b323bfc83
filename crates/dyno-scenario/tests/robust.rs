//! Whatever stands in a file, the answer is a scenario or a list of problems.

use dyno_scenario::parse;
use proptest::prelude::*;

const GREET: &str = include_str!("../../../scenarios/greet.toml");

/// Parses; when there are problems they must print and stand within the text.
fn check(text: &str) {
    if let Err(problems) = parse("t.toml", text) {
        assert!(!problems.to_string().is_empty());
        for problem in problems.iter() {
            assert!(problem.place.end <= text.len(), "{problem:?}");
        }
    }
}

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
    ];
    prop_oneof![
        prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        "\\PC{0,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_mutation_is_answered(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..30_usize, piece()), 1..5),
    ) {
        let mut text = GREET.to_owned();
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
        lines in prop::collection::vec(prop::sample::select(GREET.lines().collect::<Vec<_>>()), 0..40),
    ) {
        check(&lines.join("\n"));
    }
}
