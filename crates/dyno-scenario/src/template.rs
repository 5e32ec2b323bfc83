//! Text with `{{placeholders}}`: parsed once, filled often.

/// Text with placeholders. What stands between them goes out as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    /// In order; no two texts side by side, none of them empty.
    pub parts: Vec<Part>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Goes out as it is; UTF-8 unless it is a whole body.
    Text(Vec<u8>),
    /// Is filled in anew for each request.
    Value {
        /// Where the value comes from.
        source: Source,
        /// How it is written where it stands.
        escape: Escape,
        /// Where the placeholder begins in the file, in bytes, and where it ends:
        /// for messages about values that only reading the data can miss.
        place: std::ops::Range<usize>,
    },
}

/// Where the value of a placeholder comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `{{token}}`: a capture, by its place in `Plan::slots`.
    Slot(usize),
    /// `{{user.email}}`: a column of a row, by the place of the data in
    /// `Plan::data`. One row is drawn for each flow, however often it is used.
    Column {
        /// Which data.
        data: usize,
        /// The name of the column.
        column: String,
    },
    /// `{{vars.size}}`: by its name in `Variant::vars`.
    Var(String),
    /// `{{secret.token}}`: by its place in `Plan::secrets`.
    Secret(usize),
    /// `{{env.NAME}}`: by its name in `Variant::env`, or else a variable of dyno's
    /// own environment.
    Env(String),
    /// `{{seq}}`: a number from 1 that no other flow of the trial has.
    Seq,
    /// `{{uuid}}`: a random UUID (version 4) from the seed, new at each place.
    Uuid,
    /// `{{random_int(1, 100)}}`: both ends included, new at each place.
    RandomInt(i64, i64),
    /// `{{random_string(12)}}`: so many of a-z, A-Z, 0-9, new at each place.
    RandomString(usize),
    /// `{{now}}`: the moment of rendering, `2026-01-02T03:04:05.678Z`.
    Now,
    /// `{{now_ms}}`: the same in milliseconds since 1970.
    NowMs,
}

/// How a value is written where it stands, so that it stays one value there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// As it is: in a plain body.
    None,
    /// Percent-encoded, all but the unreserved characters of RFC 3986: in a path, a
    /// query, a form.
    Url,
    /// As the inside of a JSON string; the quotes are part of the text around it.
    JsonString,
    /// As it is, without quotes, for `{{name | number}}`: anything but a JSON number
    /// is refused, and the request fails.
    JsonNumber,
    /// As it is, for a header: line ends and other control characters are refused,
    /// and the request fails.
    Header,
}

impl Template {
    /// A text without placeholders.
    #[must_use]
    pub fn fixed(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        let parts = (!text.is_empty()).then_some(Part::Text(text));
        Self {
            parts: parts.into_iter().collect(),
        }
    }

    /// The text, if there are no placeholders.
    #[must_use]
    pub fn as_fixed(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [] => Some(b""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}
