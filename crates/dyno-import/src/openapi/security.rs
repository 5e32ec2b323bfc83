//! What an operation asks of its caller, as a header, a cookie or a part of the query
//! with a value from the environment.

use crate::Error;
use crate::header::Headers;
use crate::text::{Text, mark};

use super::document::{Document, Part};

/// Where the proofs of an operation go.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// Parts of the query, `name=value`.
    pub(super) query: Vec<String>,
    /// Variables of the environment, and what stands in each.
    pub(super) variables: Vec<(String, &'static str)>,
    /// Schemes that a request cannot satisfy.
    pub(super) unknown: Vec<String>,
}

/// Adds what the first way to call `operation` asks for.
pub(super) fn secure(
    document: &Document,
    operation: &Part<'_>,
    headers: &mut Headers,
) -> Result<Proof, Error> {
    let mut proof = Proof::default();
    let holder = match operation.get("security") {
        Some(_) => operation.clone(),
        None => Part {
            json: &document.root,
            place: String::new(),
        },
    };
    let Some(way) = holder.list("security").into_iter().next() else {
        return Ok(proof);
    };
    for (name, _) in way.members() {
        let scheme = document
            .part("components")
            .and_then(|part| part.get("securitySchemes"))
            .and_then(|part| part.get(name));
        let Some(scheme) = scheme else {
            return Err(Error::Inconsistent {
                place: way.place.clone(),
                message: format!("there is no security scheme {name:?}"),
                hint: format!("add components.securitySchemes.{name}"),
            });
        };
        proof.add(name, &document.resolve(scheme)?, headers);
    }
    Ok(proof)
}

impl Proof {
    fn add(&mut self, name: &str, scheme: &Part<'_>, headers: &mut Headers) {
        let text = |key: &str| scheme.text(key).unwrap_or_default().to_ascii_lowercase();
        let authorization =
            |proof: &mut Self, headers: &mut Headers, word: &str, variable: &str, what| {
                let value = format!("{word} {}", mark(&format!("env.{variable}")));
                // A second scheme for the same header cannot hold at the same time.
                if headers.add("Authorization", Text::literal(&value)).is_ok() {
                    proof.variables.push((variable.to_owned(), what));
                }
            };
        match (text("type").as_str(), text("scheme").as_str()) {
            ("http", "basic") => {
                authorization(self, headers, "Basic", "BASIC", "base64 of name:password");
            }
            ("http", "bearer") | ("oauth2" | "openidconnect", _) => {
                authorization(self, headers, "Bearer", "TOKEN", "a token");
            }
            ("apikey", _) => {
                let variable = variable(name);
                let value = mark(&format!("env.{variable}"));
                let key = scheme.text("name").unwrap_or_default();
                let is_put = match text("in").as_str() {
                    "header" => headers.add(&key, Text::literal(&value)).is_ok(),
                    "cookie" => {
                        let cookie = format!("{key}={value}");
                        headers.add("Cookie", Text::literal(&cookie)).is_ok()
                    }
                    _ => {
                        self.query.push(format!("{key}={value}"));
                        true
                    }
                };
                if is_put {
                    self.variables.push((variable, "a key"));
                } else {
                    self.unknown.push(name.to_owned());
                }
            }
            _ => self.unknown.push(name.to_owned()),
        }
    }
}

/// `api key` and `api-key` give `API_KEY`.
fn variable(name: &str) -> String {
    let fits = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    let name: String = name.chars().map(fits).collect();
    let is_name = name.starts_with(|first: char| !first.is_ascii_digit());
    if is_name { name } else { format!("KEY_{name}") }
}
