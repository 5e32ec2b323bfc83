//! Text from files made fit to be shown: no control characters anywhere, so
//! that a hostile name cannot steer a terminal or break a row.

/// One line: line breaks and tabs become spaces, other control characters
/// and marks that reorder text the replacement character.
pub(crate) fn line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            c if is_unfit(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// Several lines: as [`line()`], but line feeds and tabs stay.
pub(crate) fn block(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if is_unfit(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// At most `limit` characters, the last one an ellipsis where some are left out.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(limit.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A command as it can be pasted into a shell.
pub(crate) fn command(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    let quoted = words.iter().map(|word| {
        let word = line(word);
        if !word.is_empty() && word.chars().all(plain) {
            word
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// `2025-01-02T03:04:05Z` as `2025-01-02 03:04 UTC`; anything else as it is.
pub(crate) fn moment(rfc3339: &str) -> String {
    match (rfc3339.get(..10), rfc3339.get(10..11), rfc3339.get(11..16)) {
        (Some(date), Some("T"), Some(time)) if rfc3339.ends_with('Z') => {
            format!("{} {} UTC", line(date), line(time))
        }
        _ => line(rfc3339),
    }
}

/// Items in a sentence: `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        assert_eq!(
            line("a\x1b[31m\nb\u{202e}\tc\r"),
            "a\u{fffd}[31m b\u{fffd} c "
        );
        assert_eq!(block("a\r\nb\x07\tc"), "a\nb\u{fffd}\tc");
    }

    #[test]
    fn commands_survive_a_shell() {
        let words = ["dyno", "run", "a b.toml", "it's", ""].map(str::to_owned);
        assert_eq!(command(&words), r"dyno run 'a b.toml' 'it'\''s' ''");
    }

    #[test]
    fn moments_lists_and_long_names() {
        assert_eq!(moment("2025-01-02T03:04:05Z"), "2025-01-02 03:04 UTC");
        assert_eq!(moment("soon"), "soon");
        assert_eq!(shorten("Python http.server", 8), "Python…");
        assert_eq!(shorten("Go", 8), "Go");
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(list(&items), "a, b and c");
    }
}
