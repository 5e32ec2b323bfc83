//! How a value is written where it stands, so that it stays one value there; and
//! back, for strings of JSON.

use dyno_scenario::Escape;

/// The value cannot be written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfit;

/// Writes `value` behind what is in `out`.
pub(crate) fn escape(value: &[u8], how: Escape, out: &mut Vec<u8>) -> Result<(), Unfit> {
    match how {
        Escape::None => out.extend_from_slice(value),
        Escape::Url => url(value, out),
        Escape::JsonString => json(value, out)?,
        Escape::Header => {
            let is_control = |byte: &u8| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f;
            if value.iter().any(is_control) {
                return Err(Unfit);
            }
            out.extend_from_slice(value);
        }
        Escape::JsonNumber => {
            if !is_number(value) {
                return Err(Unfit);
            }
            out.extend_from_slice(value);
        }
    }
    Ok(())
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn url(value: &[u8], out: &mut Vec<u8>) {
    for &byte in value {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(byte);
        } else {
            let digit = |digit: u8| HEX[usize::from(digit)];
            out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

fn json(value: &[u8], out: &mut Vec<u8>) -> Result<(), Unfit> {
    if std::str::from_utf8(value).is_err() {
        return Err(Unfit);
    }
    for &byte in value {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..b' ' => {
                let digit = |digit: u8| HEX[usize::from(digit)];
                let digits = [digit(byte >> 4), digit(byte & 15)];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&digits);
            }
            _ => out.push(byte),
        }
    }
    Ok(())
}

/// Whether `value` is a number as RFC 8259 writes it.
fn is_number(value: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let unsigned = value.strip_prefix(b"-").unwrap_or(value);
    let whole = digits(unsigned);
    if whole == 0 || (whole > 1 && unsigned[0] == b'0') {
        return false;
    }
    let mut rest = &unsigned[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    match rest {
        [] => true,
        [b'e' | b'E', exponent @ ..] => {
            let exponent = match exponent {
                [b'+' | b'-', rest @ ..] => rest,
                all => all,
            };
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }
        _ => false,
    }
}

/// Writes the text that a string of JSON stands for, given without its quotes.
/// What was parsed before is well-formed; a lone surrogate becomes U+FFFD.
pub(crate) fn unescape(mut text: &str, out: &mut Vec<u8>) {
    while let Some(at) = text.find('\\') {
        out.extend_from_slice(&text.as_bytes()[..at]);
        let code = text.as_bytes().get(at + 1).copied().unwrap_or_default();
        text = text.get(at + 2..).unwrap_or_default();
        match code {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'u' => {
                let mut unit = hex(text);
                text = text.get(4..).unwrap_or_default();
                let low = text.strip_prefix("\\u").map(hex);
                if let (0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) = (unit, low) {
                    unit = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                    text = text.get(6..).unwrap_or_default();
                }
                let letter = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => out.push(other),
        }
    }
    out.extend_from_slice(text.as_bytes());
}

fn hex(text: &str) -> u32 {
    let digits = text.get(..4).unwrap_or_default();
    u32::from_str_radix(digits, 16).unwrap_or(0xFFFD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_stays_one_value_where_it_stands() {
        let check = |value: &[u8], how, expected: Option<&str>| {
            let mut out = b">".to_vec();
            let seen = escape(value, how, &mut out).map(|()| &out[1..]).ok();
            let text = value.escape_ascii();
            assert_eq!(seen, expected.map(str::as_bytes), "{text} as {how:?}");
        };
        for (value, url, json, header) in [
            (
                "plain-._~09",
                "plain-._~09",
                "plain-._~09",
                Some("plain-._~09"),
            ),
            (
                "a b/?&=%",
                "a%20b%2F%3F%26%3D%25",
                "a b/?&=%",
                Some("a b/?&=%"),
            ),
            ("\"\\", "%22%5C", "\\\"\\\\", Some("\"\\")),
            ("a\r\nB: c", "a%0D%0AB%3A%20c", "a\\r\\nB: c", None),
            ("\0\u{1f}\t", "%00%1F%09", "\\u0000\\u001F\\t", None),
            ("tab\there", "tab%09here", "tab\\there", Some("tab\there")),
            ("ü€😀", "%C3%BC%E2%82%AC%F0%9F%98%80", "ü€😀", Some("ü€😀")),
            ("\u{7f}", "%7F", "\u{7f}", None),
            ("", "", "", Some("")),
        ] {
            check(value.as_bytes(), Escape::None, Some(value));
            check(value.as_bytes(), Escape::Url, Some(url));
            check(value.as_bytes(), Escape::JsonString, Some(json));
            check(value.as_bytes(), Escape::Header, header);
        }
        check(b"\xff", Escape::JsonString, None);
        check(b"\xff", Escape::Url, Some("%FF"));
        for number in ["0", "-0", "12", "1.5", "-1e9", "1E+9", "0.0e-1"] {
            check(number.as_bytes(), Escape::JsonNumber, Some(number));
        }
        for other in [
            "", "-", "01", "1.", ".5", "1e", "1e+", "0x1", "NaN", "1 ", "+1", "1,2",
        ] {
            check(other.as_bytes(), Escape::JsonNumber, None);
        }
    }

    proptest! {
        #[test]
        fn a_parser_of_json_reads_what_was_escaped(text in ".*") {
            let mut out = b"\"".to_vec();
            escape(text.as_bytes(), Escape::JsonString, &mut out).unwrap();
            out.push(b'"');
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }

        #[test]
        fn unescaping_is_what_a_parser_of_json_does(
            letters in prop::collection::vec(any::<char>(), 0..20), how in any::<u64>(),
        ) {
            let mut text = String::new();
            for (n, letter) in letters.iter().enumerate() {
                let plain = !matches!(letter, '"' | '\\') && *letter >= ' ';
                if plain && (how >> (n % 64)) & 1 == 0 {
                    text.push(*letter);
                } else {
                    for unit in letter.encode_utf16(&mut [0; 2]) {
                        text += &format!("\\u{unit:04x}");
                    }
                }
            }
            text += r#"\"\\\/\b\f\n\r\t"#;
            let expected: String = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            let mut out = Vec::new();
            unescape(&text, &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn half_a_pair_is_replaced() {
        let mut out = Vec::new();
        unescape("a\\ud800b\\udc00\\ud800\\u0041", &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "a\u{fffd}b\u{fffd}\u{fffd}A"
        );
    }
}
