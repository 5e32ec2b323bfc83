//! A JSON value, members in the order of the text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::text::Text;

/// A JSON value as a scenario can have it. Also read from YAML.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A number that TOML has as an integer.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A text, with its braces doubled or with placeholders.
    Text(Text),
    /// A list.
    List(Vec<Json>),
    /// An object. Names may repeat.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The member of this name; of several the last, as most readers have it.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let found = members.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value)
    }

    /// The text, as the file that was read has it.
    pub(crate) fn as_str(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.plain()),
            _ => None,
        }
    }

    /// The members of an object, none of anything else.
    pub(crate) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements of a list, none of anything else.
    pub(crate) fn elements(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }

    /// As dyno sends it, in the syntax of templates: no spaces.
    pub(crate) fn compact(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Boolean(value) => value.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => serde_json::Value::from(*number).to_string(),
            Self::Text(text) => quoted(text.as_str()),
            Self::List(elements) => {
                let elements: Vec<_> = elements.iter().map(Self::compact).collect();
                format!("[{}]", elements.join(","))
            }
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| {
                    let name = Text::literal(name);
                    format!("{}:{}", quoted(name.as_str()), value.compact())
                };
                let members: Vec<_> = members.iter().map(member).collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }

    /// Whether a TOML table says the same: there is no null, names do not repeat,
    /// and no name looks like a placeholder.
    pub(crate) fn fits_toml(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Boolean(_) | Self::Integer(_) | Self::Text(_) => true,
            Self::Float(number) => number.is_finite(),
            Self::List(elements) => elements.iter().all(Self::fits_toml),
            Self::Object(members) => members.iter().enumerate().all(|(index, (name, value))| {
                let before = &members[..index];
                !name.contains("{{")
                    && before.iter().all(|(other, _)| other != name)
                    && value.fits_toml()
            }),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;

        impl<'de> Visitor<'de> for Values {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value that JSON has, too")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }

            fn visit_none<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Json, D::Error> {
                Json::deserialize(value)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Boolean(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Integer(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(i64::try_from(value).map_or(Json::Float(value as f64), Json::Integer))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Float(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::Text(Text::literal(value)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = list.next_element()? {
                    elements.push(element);
                }
                Ok(Json::List(elements))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Json::Object(members))
            }
        }

        deserializer.deserialize_any(Values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_printed_in_its_order() {
        let check = |text: &str, fits: bool| {
            let value: Json = serde_json::from_str(text).unwrap();
            assert_eq!(value.compact(), Text::literal(text).as_str());
            assert_eq!(value.fits_toml(), fits, "{text}");
        };
        check(r#"{"z":1,"a":[true,-2,1.5,"\"\\\n{{x}}"],"m":{}}"#, true);
        check(r#"{"a":null}"#, false);
        check(r#"{"a":1,"a":2}"#, false);
        check(r#"[{"{{a":1}]"#, false);
    }
}
