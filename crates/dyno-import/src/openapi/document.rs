//! The description as a tree, and the references in it.

use crate::Error;
use crate::json::Json;

/// Most references that lead to a value: more are a circle.
const MOST_HOPS: usize = 64;

/// An OpenAPI description.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) root: Json,
}

/// A part of the description, and the way to it.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    pub(super) json: &'a Json,
    /// `paths./users.get`
    pub(super) place: String,
}

impl Document {
    /// Reads YAML or JSON, and checks that it is OpenAPI 3.
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let text = text.trim_start_matches('\u{feff}');
        let hint = "give the OpenAPI description itself, in YAML or JSON";
        let malformed = |line: Option<usize>, error: String| {
            let message = format!("the description cannot be read: {error}");
            Error::malformed(line.unwrap_or(1).max(1), message, hint)
        };
        let root: Json = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|e| malformed(Some(e.line()), e.to_string()))?
        } else {
            let line = |error: &yaml_serde::Error| error.location().map(|place| place.line());
            yaml_serde::from_str(text).map_err(|e| malformed(line(&e), e.to_string()))?
        };
        if root.get("swagger").is_some() {
            let message = "this is Swagger 2, not OpenAPI 3";
            let hint = "convert it first, for example with swagger2openapi";
            return Err(Error::unsupported(1, message, hint));
        }
        let version = match root.get("openapi") {
            Some(version) => version.as_str().unwrap_or_else(|| version.compact()),
            None => return Err(Error::malformed(1, "there is no key `openapi`", hint)),
        };
        if !version.starts_with("3.") {
            let message = format!("this is OpenAPI {version}; dyno reads version 3");
            return Err(Error::unsupported(
                1,
                message,
                "convert it to version 3.1 first",
            ));
        }
        Ok(Self { root })
    }

    /// The value of a key at the root.
    pub(super) fn part(&self, name: &str) -> Option<Part<'_>> {
        let json = self.root.get(name)?;
        let place = name.to_owned();
        Some(Part { json, place })
    }

    /// What `part` stands for, if it is a reference.
    pub(super) fn resolve<'a>(&'a self, part: Part<'a>) -> Result<Part<'a>, Error> {
        let mut current = part;
        for _ in 0..MOST_HOPS {
            let Some(reference) = current.json.get("$ref").and_then(Json::as_str) else {
                return Ok(current);
            };
            let wrong = |message: String, hint: &str| Error::Inconsistent {
                place: current.place.clone(),
                message,
                hint: hint.to_owned(),
            };
            let Some(pointer) = reference.strip_prefix('#') else {
                let message = format!("the reference {reference:?} leads to another file");
                return Err(wrong(message, "bundle the description into one file first"));
            };
            let Some(json) = self.at(pointer) else {
                let message = format!("the reference {reference:?} leads nowhere");
                return Err(wrong(message, "mend the reference, or add what it names"));
            };
            let place = pointer
                .trim_start_matches('/')
                .replace('/', ".")
                .replace("~1", "/");
            current = Part { json, place };
        }
        Err(Error::Inconsistent {
            place: current.place,
            message: "the references go in a circle".to_owned(),
            hint: "let one of them lead to a value".to_owned(),
        })
    }

    /// The value that a JSON pointer (RFC 6901) names.
    fn at(&self, pointer: &str) -> Option<&Json> {
        let mut current = &self.root;
        for name in pointer.split('/').skip(1) {
            let name = unescape(name)?;
            current = match current {
                Json::List(elements) => elements.get(name.parse::<usize>().ok()?)?,
                other => other.get(&name)?,
            };
        }
        Some(current)
    }
}

impl<'a> Part<'a> {
    /// The member of this name.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let json = self.json.get(name)?;
        let place = format!("{}.{name}", self.place);
        Some(Self { json, place })
    }

    /// The text of a member.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.json.get(name).and_then(Json::as_str)
    }

    /// A member as text, which YAML may have taken for a number.
    pub(super) fn scalar(&self, name: &str) -> Option<String> {
        match self.json.get(name)? {
            Json::Object(_) | Json::List(_) | Json::Null => None,
            Json::Text(text) => Some(text.plain()),
            other => Some(other.compact()),
        }
    }

    /// Whether a member is `true`.
    pub(super) fn is(&self, name: &str) -> bool {
        self.json.get(name) == Some(&Json::Boolean(true))
    }

    /// The members, in the order of the file.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'a str, Part<'a>)> {
        let place = self.place.clone();
        self.json.members().iter().map(move |(name, json)| {
            let place = format!("{place}.{name}");
            (name.as_str(), Part { json, place })
        })
    }

    /// The elements of a list under `name`.
    pub(super) fn list(&self, name: &str) -> Vec<Part<'a>> {
        let Some(list) = self.json.get(name) else {
            return Vec::new();
        };
        let element = |(index, json)| {
            let place = format!("{}.{name}[{index}]", self.place);
            Part { json, place }
        };
        list.elements().iter().enumerate().map(element).collect()
    }
}

/// A name of a JSON pointer in a URL's fragment.
fn unescape(name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        let digits = if first == b'%' { behind.get(..2) } else { None };
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => bytes.push(first),
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}
