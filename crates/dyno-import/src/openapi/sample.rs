//! A value that fits a schema: its example, or one made up from its type.

use crate::Error;
use crate::json::Json;
use crate::text::{Text, mark};

use super::document::{Document, Part};

/// Objects nested deeper have only what they must have.
const DEEP: usize = 4;

/// Nothing is made deeper: the schema goes in a circle.
const DEEPEST: usize = 12;

/// Whether a value may differ from request to request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variety {
    /// Placeholders are welcome.
    Fresh,
    /// It is always the same.
    Fixed,
}

/// Makes values, and notes what it had to guess.
pub(super) struct Sampler<'a> {
    pub(super) document: &'a Document,
    pub(super) variety: Variety,
    /// Places of texts with a pattern and no example.
    pub(super) guessed: Vec<String>,
}

impl<'a> Sampler<'a> {
    /// A value for a media type or a parameter: its own example, or its schema's.
    pub(super) fn value(&mut self, holder: &Part<'a>) -> Result<Json, Error> {
        if let Some(example) = holder.get("example") {
            return Ok(example.json.clone());
        }
        let examples = holder.get("examples");
        for (_, example) in examples.iter().flat_map(Part::members) {
            if let Some(value) = self.document.resolve(example)?.get("value") {
                return Ok(value.json.clone());
            }
        }
        match holder.get("schema") {
            Some(schema) => self.schema(schema, 0),
            None => Ok(Json::Object(Vec::new())),
        }
    }

    fn schema(&mut self, schema: Part<'a>, depth: usize) -> Result<Json, Error> {
        let schema = self.document.resolve(schema)?;
        if depth > DEEPEST {
            return Ok(Json::Null);
        }
        if let Some(value) = given(&schema) {
            return Ok(value);
        }
        let parts = schema.list("allOf");
        if !parts.is_empty() {
            return self.all(&schema, parts, depth);
        }
        let choices = ["oneOf", "anyOf"].map(|name| schema.list(name));
        let is_null = |part: &Part<'_>| part.text("type").as_deref() == Some("null");
        if let Some(choice) = choices.into_iter().flatten().find(|part| !is_null(part)) {
            return self.schema(choice, depth + 1);
        }
        Ok(match kind(&schema).as_deref() {
            Some("object") => self.object(&schema, depth)?,
            Some("array") => {
                let count = integer(&schema, "minItems").unwrap_or(1).clamp(1, 3);
                let item = match schema.get("items") {
                    Some(items) => self.schema(items, depth + 1)?,
                    None => Json::Text(Text::literal("text")),
                };
                let count = usize::try_from(count).unwrap_or(1);
                Json::List(vec![item; count])
            }
            Some("integer" | "number") => Json::Integer(number(&schema)),
            Some("boolean") => Json::Boolean(true),
            Some("null") => Json::Null,
            Some("string") => self.text(&schema),
            _ => Json::Object(Vec::new()),
        })
    }

    /// What all parts ask for together.
    fn all(
        &mut self,
        schema: &Part<'a>,
        parts: Vec<Part<'a>>,
        depth: usize,
    ) -> Result<Json, Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut scalar = None;
        let own = self.object(schema, depth)?;
        let parts = parts.into_iter().map(|part| self.schema(part, depth + 1));
        for value in parts
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .chain([own])
        {
            match value {
                Json::Object(more) => {
                    for (name, value) in more {
                        members.retain(|(other, _)| *other != name);
                        members.push((name, value));
                    }
                }
                other => scalar = Some(other),
            }
        }
        Ok(match scalar {
            Some(value) if members.is_empty() => value,
            _ => Json::Object(members),
        })
    }

    fn object(&mut self, schema: &Part<'a>, depth: usize) -> Result<Json, Error> {
        let required: Vec<_> = schema.list("required");
        let required: Vec<_> = required
            .iter()
            .filter_map(|name| name.json.as_str())
            .collect();
        let mut members = Vec::new();
        let properties = schema.get("properties");
        for (name, property) in properties.iter().flat_map(Part::members) {
            let is_required = required.iter().any(|other| other == name);
            let resolved = self.document.resolve(property)?;
            if resolved.is("readOnly") || (depth >= DEEP && !is_required) {
                continue;
            }
            members.push((name.to_owned(), self.schema(resolved, depth + 1)?));
        }
        Ok(Json::Object(members))
    }

    fn text(&mut self, schema: &Part<'a>) -> Json {
        let format = schema.text("format").unwrap_or_default();
        let is_fresh = self.variety == Variety::Fresh;
        let known = match format.as_str() {
            "email" | "idn-email" if is_fresh => {
                format!("{}@example.com", mark("random_string(12)"))
            }
            "email" | "idn-email" => "ann@example.com".to_owned(),
            "uuid" if is_fresh => mark("uuid"),
            "uuid" => "00000000-0000-4000-8000-000000000000".to_owned(),
            "date-time" if is_fresh => mark("now"),
            "date-time" => "2026-01-02T03:04:05Z".to_owned(),
            "date" => "2026-01-02".to_owned(),
            "time" => "03:04:05Z".to_owned(),
            "duration" => "PT1M".to_owned(),
            "uri" | "url" | "iri" | "uri-reference" => "https://example.com/".to_owned(),
            "hostname" => "example.com".to_owned(),
            "ipv4" => "192.0.2.1".to_owned(),
            "ipv6" => "2001:db8::1".to_owned(),
            "byte" => "dGV4dA==".to_owned(),
            _ => String::new(),
        };
        if !known.is_empty() {
            return Json::Text(Text::literal(&known));
        }
        if schema.get("pattern").is_some() {
            self.guessed.push(schema.place.clone());
        }
        let least = integer(schema, "minLength").unwrap_or(0).clamp(0, 1000);
        let most = integer(schema, "maxLength").unwrap_or(i64::MAX).max(0);
        let length = usize::try_from(least.max(4).min(most)).unwrap_or(4);
        let text: String = "text".chars().cycle().take(length).collect();
        Json::Text(Text::literal(&text))
    }
}

/// The value that the schema itself names.
fn given(schema: &Part<'_>) -> Option<Json> {
    let one = |name| schema.get(name).map(|part| part.json.clone());
    let first = |name| schema.list(name).first().map(|part| part.json.clone());
    let not_null = |value: &Json| *value != Json::Null;
    one("example")
        .or_else(|| first("examples"))
        .or_else(|| one("const"))
        .or_else(|| one("default"))
        .or_else(|| first("enum"))
        .filter(not_null)
}

/// The type: of several the first that is not null, without one what the other keys
/// speak of.
fn kind(schema: &Part<'_>) -> Option<String> {
    let several = schema.list("type");
    let mut several = several.iter().filter_map(|name| name.json.as_str());
    let named = schema
        .text("type")
        .or_else(|| several.find(|name| name != "null"));
    let has = |name| schema.get(name).is_some();
    named.or_else(|| {
        if has("properties") {
            Some("object".to_owned())
        } else if has("items") {
            Some("array".to_owned())
        } else if has("pattern") || has("format") || has("minLength") || has("maxLength") {
            Some("string".to_owned())
        } else {
            None
        }
    })
}

/// 1, or the number next to it that is allowed.
fn number(schema: &Part<'_>) -> i64 {
    let is_exclusive = |name| schema.is(name);
    let above = integer(schema, "exclusiveMinimum").map(|least| least.saturating_add(1));
    let least = integer(schema, "minimum")
        .map(|least| least.saturating_add(i64::from(is_exclusive("exclusiveMinimum"))));
    let below = integer(schema, "exclusiveMaximum").map(|most| most.saturating_sub(1));
    let most = integer(schema, "maximum")
        .map(|most| most.saturating_sub(i64::from(is_exclusive("exclusiveMaximum"))));
    let step = integer(schema, "multipleOf").filter(|step| *step > 1);
    let number = step.unwrap_or(1);
    let number = number.max(least.or(above).unwrap_or(i64::MIN));
    let number = number.min(most.or(below).unwrap_or(i64::MAX));
    match step {
        // Up to the next multiple.
        Some(step) => number
            .saturating_add(step - 1)
            .div_euclid(step)
            .saturating_mul(step),
        None => number,
    }
}

fn integer(schema: &Part<'_>, name: &str) -> Option<i64> {
    match schema.json.get(name)? {
        Json::Integer(number) => Some(*number),
        // Whole, and within what an i64 has.
        Json::Float(number) => Some(number.ceil() as i64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(schema: &str, variety: Variety) -> (String, Vec<String>) {
        let text = format!(
            "openapi: 3.1.0\ncomponents:\n  schemas:\n    Tree:\n      properties:\n        \
             name: {{ type: string }}\n        children: {{ type: array, items: \
             {{ $ref: '#/components/schemas/Tree' }} }}\nx: {{ schema: {schema} }}\n"
        );
        let document = Document::read(&text).unwrap();
        let holder = document.part("x").unwrap();
        let guessed = Vec::new();
        let mut sampler = Sampler {
            document: &document,
            variety,
            guessed,
        };
        (sampler.value(&holder).unwrap().compact(), sampler.guessed)
    }

    #[test]
    fn values_fit_their_schema() {
        let check = |schema: &str, expected: &str| {
            assert_eq!(sample(schema, Variety::Fixed).0, expected, "{schema}");
        };
        check("{ type: integer }", "1");
        check("{ type: integer, minimum: 5 }", "5");
        check("{ type: integer, exclusiveMinimum: 5 }", "6");
        check("{ type: integer, minimum: 5, exclusiveMinimum: true }", "6");
        check("{ type: number, maximum: -2.5 }", "-2");
        check("{ type: integer, minimum: 5, multipleOf: 4 }", "8");
        check("{ type: [\"null\", string] }", r#""text""#);
        check("{ type: string, minLength: 6 }", r#""textte""#);
        check("{ type: string, maxLength: 2 }", r#""te""#);
        check("{ type: string, format: date }", r#""2026-01-02""#);
        check("{ enum: [b, a] }", r#""b""#);
        check("{ const: 7 }", "7");
        check("{ type: string, examples: [x, y], default: z }", r#""x""#);
        check("{ type: boolean }", "true");
        check("{ items: { type: integer }, minItems: 2 }", "[1,1]");
        check("{}", "{}");
        check(
            "{ properties: { id: { type: integer, readOnly: true }, b: {type: string}, a: {type: integer} } }",
            r#"{"b":"text","a":1}"#,
        );
        check(
            "{ allOf: [ { properties: { a: { type: integer } } }, { properties: { b: { type: boolean } } } ], \
             properties: { c: { const: x } } }",
            r#"{"a":1,"b":true,"c":"x"}"#,
        );
        check("{ oneOf: [ { type: 'null' }, { type: integer } ] }", "1");
        check("{ type: string, example: '{{x}}' }", r#""{{{{x}}""#);
    }

    #[test]
    fn circles_end() {
        let (value, _) = sample("{ $ref: '#/components/schemas/Tree' }", Variety::Fixed);
        let expected = r#"{"name":"text","children":[{"name":"text","children":[{}]}]}"#;
        assert_eq!(value, expected);
    }

    #[test]
    fn fresh_values_are_placeholders_and_guesses_are_named() {
        let schema = "{ properties: { e: { type: string, format: email }, i: { type: string, \
                      format: uuid }, p: { type: string, pattern: '^a$' } } }";
        let (value, guessed) = sample(schema, Variety::Fresh);
        let expected = r#"{"e":"{{random_string(12)}}@example.com","i":"{{uuid}}","p":"text"}"#;
        assert_eq!(value, expected);
        assert_eq!(guessed, ["x.schema.properties.p"]);
    }
}
