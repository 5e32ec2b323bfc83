//! Regular expressions and JSONPaths, tried when they are read.

use dyno_toml::{Problem, Reader, Spanned};

/// A regular expression in the syntax of the crate `regex`, matched against bytes.
pub(super) fn regex(table: &Reader<'_, '_>, text: Spanned<String>, key: &str) -> Option<String> {
    let Err(error) = regex::bytes::Regex::new(&text.value) else {
        return Some(text.value);
    };
    let (wrong, hint) = match error {
        regex::Error::CompiledTooBig(_) => (
            "would be too large a machine".to_owned(),
            "fewer or smaller repetitions, such as {1,100}",
        ),
        // The first lines of the text show the place, the last says what is wrong.
        error => {
            let said = error.to_string();
            let last = said.lines().last().unwrap_or_default();
            let last = last.trim_start_matches("error: ");
            (
                format!("is no regular expression: {last}"),
                "in single quotes a backslash stands for itself: 'id=(\\d+)'",
            )
        }
    };
    let message = format!("`{key}` {wrong}");
    table.problem(Problem::new(message, text.place).hint(hint));
    None
}

/// The longest JSONPath and the most filters (`?`) in it. The parser's stack grows
/// with the one, its time doubles with the other.
const LONGEST_PATH: usize = 500;
const MOST_FILTERS: usize = 5;

/// A JSONPath (RFC 9535).
pub(super) fn json_path(
    table: &Reader<'_, '_>,
    text: Spanned<String>,
    key: &str,
) -> Option<String> {
    if text.value.len() > LONGEST_PATH || text.value.matches('?').count() > MOST_FILTERS {
        let message = format!("`{key}`: the JSONPath is too large");
        let hint = format!("at most {LONGEST_PATH} bytes and {MOST_FILTERS} filters");
        table.problem(Problem::new(message, text.place).hint(hint));
        return None;
    }
    let Err(error) = serde_json_path::JsonPath::parse(&text.value) else {
        return Some(text.value);
    };
    let (right, wrong) = cut(&text.value, error.position());
    let said = match (error.message(), right) {
        // The parser's own word for anything that it does not understand.
        ("parser error", "") => String::new(),
        ("parser error", right) => format!(": {wrong:?} cannot follow {right:?}"),
        (message, _) => format!(": {message}"),
    };
    let message = format!("`{key}`: {:?} is no JSONPath{said}", text.value);
    let hint = "it starts with $, such as \"$.items[0].id\"";
    table.problem(Problem::new(message, text.place).hint(hint));
    None
}

/// What was understood of a text, and what was not.
fn cut(text: &str, mut position: usize) -> (&str, &str) {
    position = position.min(text.len());
    while !text.is_char_boundary(position) {
        position -= 1;
    }
    text.split_at(position)
}

/// Whether a JSONPath, which must be one, can select one node at most: a filter
/// compares only such paths (RFC 9535, 2.3.5.1).
pub(super) fn is_singular(path: &str) -> bool {
    serde_json_path::JsonPath::parse(&format!("$[?{path} == 1]")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_singular;

    #[test]
    fn paths_to_one_node_are_told_from_others() {
        for (path, expected) in [
            ("$", true),
            ("$.a", true),
            ("$.a[0]['b']", true),
            ("$['*']", true),
            ("$[-1]", true),
            ("$.*", false),
            ("$..a", false),
            ("$[0,1]", false),
            ("$[0:1]", false),
            ("$[?@.a]", false),
        ] {
            assert_eq!(is_singular(path), expected, "{path}");
        }
    }
}
