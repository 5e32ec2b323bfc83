//! Where in an answer a captured value stands, as written.

use dyno_toml::{Problem, Reader, Spanned};

use super::pattern::{json_path, regex};
use crate::Place;

/// A name for a value taken from an answer.
#[derive(Debug)]
pub(crate) struct Capture {
    /// The name in later placeholders.
    pub(crate) name: Spanned<String>,
    /// Where the value stands; `None` when its problem has been noted.
    pub(crate) from: Option<Place>,
}

/// The keys of a place in a table.
const KINDS: [&str; 4] = ["json", "header", "cookie", "regex"];

const FORMS: &str = "a JSONPath such as \"$.token\", or one of { json = \"$.token\" }, \
                     { header = \"Location\" }, { cookie = \"session\" }, { regex = 'id=(\\d+)' }";

impl Capture {
    /// All those of a request, in the order of the file.
    pub(super) fn read_all(request: &mut Reader<'_, '_>) -> Vec<Self> {
        let Some(mut table) = request.table("capture") else {
            return Vec::new();
        };
        let entries = table.entries().into_iter();
        let capture = |(name, value): (Spanned<String>, _)| {
            let key = table.name(&name.value);
            let from = place(&table, value, &key);
            Self { name, from }
        };
        entries.map(capture).collect()
    }
}

fn place<'de>(table: &Reader<'_, 'de>, value: toml_span::Value<'de>, key: &str) -> Option<Place> {
    if value.as_str().is_some() {
        let path = table.as_string(value, key)?;
        return json_path(table, path, key).map(Place::Json);
    }
    if value.as_table().is_none() {
        let place = value.span.start..value.span.end;
        return table.wrong(
            key,
            "a JSONPath in quotes or a table",
            value.as_ref(),
            place,
        );
    }
    let mut table = table.as_table(value, key)?;
    let given = KINDS.iter().filter(|kind| table.has(kind)).count();
    let [json, header, cookie, pattern] = KINDS.map(|kind| table.string(kind));
    table.finish();
    if given != 1 {
        let wrong = if given == 0 {
            "does not say where the value stands"
        } else {
            "must say one place"
        };
        table.problem(Problem::new(format!("`{key}` {wrong}"), table.place()).hint(FORMS));
        return None;
    }
    if let Some(path) = json {
        json_path(&table, path, &table.name("json")).map(Place::Json)
    } else if let Some(name) = header {
        let name = token(&table, name, &table.name("header"))?;
        Some(Place::Header(name.to_ascii_lowercase()))
    } else if let Some(name) = cookie {
        token(&table, name, &table.name("cookie")).map(Place::Cookie)
    } else {
        regex(&table, pattern?, &table.name("regex")).map(Place::Regex)
    }
}

/// The name of a header or a cookie.
fn token(table: &Reader<'_, '_>, text: Spanned<String>, key: &str) -> Option<String> {
    if crate::is_token(&text.value) {
        return Some(text.value);
    }
    let message = format!("`{key}` cannot be {:?}", text.value);
    table.problem(Problem::new(message, text.place).hint("a name, such as \"Location\""));
    None
}
