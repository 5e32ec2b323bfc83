//! The question of a scenario: the first comment of its file.

/// The lines of the comment block at the head of the file, joined by spaces.
///
/// Directives for editors (`#:schema …`) do not count, blank lines before the
/// block neither. A comment that comes after the first key belongs to that key,
/// so that a file beginning with a key asks nothing: the empty text.
pub(crate) fn question(text: &str) -> String {
    let words: Vec<&str> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .skip_while(|line| line.is_empty() || line.starts_with("#:"))
        .map_while(|line| line.strip_prefix('#'))
        .filter(|line| !line.starts_with(':'))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::question;

    #[test]
    fn the_first_comment_asks() {
        for (text, expected) in [
            ("", ""),
            ("name = 'x' # not this\n", ""),
            ("name = 'x'\n# nor this\n", ""),
            ("# Is it fast?\nname = 'x'\n# no\n", "Is it fast?"),
            (
                "#:schema schema.json\n# Is it\n#\n#   fast?\r\n\n# Not this.\n",
                "Is it fast?",
            ),
            ("\n\n#:schema schema.json\n\n#Is it fast?", "Is it fast?"),
            ("# Is it\n#:schema schema.json\n# fast?\n", "Is it fast?"),
            ("\u{feff}# Is it fast?\n", "Is it fast?"),
        ] {
            assert_eq!(question(text), expected, "{text:?}");
        }
    }
}
