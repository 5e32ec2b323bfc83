//! Names fit for files, made from names fit for people.

/// Lower-case letters and digits, everything between them one `-`:
/// `10,000 requests` gives `10-000-requests`. A name without any is `step`.
#[must_use]
pub fn slug(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        "step".to_owned()
    } else {
        words.join("-")
    }
}

/// The id of a step at one level: `closed-loop-c100`.
#[must_use]
pub fn step_id(name: &str, connections: u32) -> String {
    format!("{}-c{connections}", slug(name))
}

/// Whether `text` can name a file as it stands: `a`–`z`, `0`–`9` and `-`.
pub(crate) fn is_slug(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_fit_for_file_names() {
        for (name, connections, expected) in [
            ("closed loop", 100, "closed-loop-c100"),
            ("10,000 requests", 1, "10-000-requests-c1"),
            ("  To: failure! ", 7, "to-failure-c7"),
            ("../../etc", 1, "etc-c1"),
            ("größer", 1, "gr-er-c1"),
            ("速", 1, "step-c1"),
        ] {
            let id = step_id(name, connections);
            assert_eq!(id, expected, "{name}");
            assert!(is_slug(&id), "{name}");
        }
    }
}
