//! Tokens: where one that a request shows was given out by an earlier answer, it is
//! captured there, so that the flow plays with a token of its own.

use crate::Warning;
use crate::draft::Request;
use crate::json::Json;
use crate::recorded::entry::Taken;
use crate::text::{Text, mark};

const HEADER: &str = "Authorization";

/// Replaces recorded tokens by captures, and warns of those that came from elsewhere.
pub(super) fn follow(
    entries: &[Taken<'_>],
    requests: &mut [Request],
    notes: &mut Vec<String>,
    warnings: &mut Vec<Warning>,
) {
    let answers: Vec<Option<Json>> = entries.iter().map(answer).collect();
    let mut known: Vec<(String, String)> = Vec::new();
    for index in 0..requests.len() {
        let Some(value) = requests[index].headers.get(HEADER).map(Text::plain) else {
            continue;
        };
        let (scheme, token) = value.rsplit_once(' ').unwrap_or(("", &value));
        let name = known.iter().find(|(other, _)| other == token);
        let name = match name {
            Some((_, name)) => Some(name.clone()),
            None => {
                let before = answers[..index].iter().enumerate();
                let mut found = before.filter_map(|(at, answer)| {
                    let path = path(answer.as_ref()?, token)?;
                    Some((at, format!("${path}")))
                });
                found.next().map(|(at, path)| {
                    let name = match known.len() {
                        0 => "token".to_owned(),
                        others => format!("token_{}", others + 1),
                    };
                    let giver = &mut requests[at];
                    let shown = format!("{} {}", giver.method, giver.path.plain());
                    notes.push(format!("{{{{{name}}}}} is captured from {shown}, {path}."));
                    giver.capture.push((name.clone(), path));
                    known.push((token.to_owned(), name.clone()));
                    name
                })
            }
        };
        let Some(name) = name else {
            let text = "the header Authorization has a secret of the recording: \
                        write a capture or {{env.TOKEN}} there";
            warnings.push(Warning::new(text));
            continue;
        };
        let value = format!("{scheme} {}", mark(&name));
        let value = Text::literal(value.trim_start());
        requests[index].headers.replace(HEADER, value);
    }
}

fn answer(taken: &Taken<'_>) -> Option<Json> {
    let content = taken.entry.response.content.as_ref()?;
    serde_json::from_str(content.text.as_deref()?).ok()
}

/// The JSONPath (RFC 9535) of the first text in `json` that is `token`, from there on.
fn path(json: &Json, token: &str) -> Option<String> {
    if json.as_str().is_some_and(|text| text == token) {
        return Some(String::new());
    }
    let mut elements = json.elements().iter().enumerate();
    let element = elements.find_map(|(index, element)| {
        let rest = path(element, token)?;
        Some(format!("[{index}]{rest}"))
    });
    element.or_else(|| {
        json.members().iter().find_map(|(name, member)| {
            let rest = path(member, token)?;
            Some(format!("{}{rest}", step(name)))
        })
    })
}

/// `.name`, or `["name"]` where a name has other letters.
fn step(name: &str) -> String {
    let is_letter = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    let is_word = |letter: char| is_letter(letter) || letter.is_ascii_digit();
    if name.starts_with(is_letter) && name.chars().all(is_word) {
        format!(".{name}")
    } else {
        // JSON's quotes and escapes are JSONPath's, too.
        format!("[{}]", serde_json::Value::from(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_wherever_they_are() {
        for (text, expected) in [
            (r#""t""#, Some("")),
            (r#"{"a":1,"b":{"c_1":"t"}}"#, Some(".b.c_1")),
            (r#"[{"a b":["x","t"]}]"#, Some(r#"[0]["a b"][1]"#)),
            (r#"{"\"":"t"}"#, Some(r#"["\""]"#)),
            (r#"{"a":"tt"}"#, None),
        ] {
            let json: Json = serde_json::from_str(text).unwrap();
            assert_eq!(path(&json, "t").as_deref(), expected, "{text}");
        }
    }
}
