//! The inside of `$'…'`, as bash reads it.

/// What `text` stands for; `None` if its bytes are not UTF-8.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = escape(&rest[at + 1..], &mut out);
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8(out).ok()
}

/// Adds what the escape stands for that begins `text`; gives what comes behind it.
fn escape<'a>(text: &'a str, out: &mut Vec<u8>) -> &'a str {
    let mut letters = text.chars();
    let Some(kind) = letters.next() else {
        out.push(b'\\');
        return text;
    };
    let rest = letters.as_str();
    let simple = match kind {
        'a' => Some(7),
        'b' => Some(8),
        't' => Some(b'\t'),
        'n' => Some(b'\n'),
        'v' => Some(11),
        'f' => Some(12),
        'r' => Some(b'\r'),
        'e' | 'E' => Some(27),
        '\\' => Some(b'\\'),
        '\'' => Some(b'\''),
        '"' => Some(b'"'),
        '?' => Some(b'?'),
        _ => None,
    };
    if let Some(byte) = simple {
        out.push(byte);
        return rest;
    }
    let (digits, radix, most) = match kind {
        'x' => (rest, 16, 2),
        'u' => (rest, 16, 4),
        'U' => (rest, 16, 8),
        '0'..='7' => (text, 8, 3),
        _ => ("", 16, 0),
    };
    let count = digits
        .chars()
        .take(most)
        .take_while(|digit| digit.is_digit(radix))
        .count();
    let (digits, behind) = digits.split_at(count);
    match u32::from_str_radix(digits, radix) {
        Ok(number) if "uU".contains(kind) => {
            let letter = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            behind
        }
        // Of an octal number beyond a byte bash keeps the low bits.
        Ok(number) => {
            out.push((number & 0xff) as u8);
            behind
        }
        Err(_) => {
            out.push(b'\\');
            out.extend_from_slice(kind.encode_utf8(&mut [0; 4]).as_bytes());
            rest
        }
    }
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escapes_are_those_of_bash() {
        for (text, expected) in [
            (r"plain", Some("plain")),
            (r"\n\t\r\\\'\x22", Some("\n\t\r\\'\"")),
            (r"\u0021\u00fc\U0001f600\u21z", Some("!ü😀!z")),
            (r"\xc3\xbc", Some("ü")),
            (r"\41\0411\x4g", Some("!!1\u{4}g")),
            (r"\q\x\u", Some(r"\q\x\u")),
            (r"\", Some(r"\")),
            (r"\377", None),
        ] {
            assert_eq!(unescape(text).as_deref(), expected, "{text}");
        }
    }
}
