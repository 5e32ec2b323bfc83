//! The shape of a path: which of its segments are names of things, not of routes.

/// A path with its ids taken out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    /// The segments; `None` where an id stood.
    pub(super) segments: Vec<Option<String>>,
}

/// The shape of `path`, which has no query, and its ids in order.
pub(super) fn shape(path: &str) -> (Shape, Vec<String>) {
    let mut ids = Vec::new();
    let segments = path.split('/').skip(1).map(|segment| {
        if is_id(segment) {
            ids.push(segment.to_owned());
            None
        } else {
            Some(segment.to_owned())
        }
    });
    let shape = Shape {
        segments: segments.collect(),
    };
    (shape, ids)
}

impl Shape {
    /// A name for each id: the segment before it, or `id`; no two alike.
    pub(super) fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        let mut before = "";
        for segment in &self.segments {
            match segment {
                Some(name) => before = name,
                None => {
                    let name = word(before).unwrap_or_else(|| "id".to_owned());
                    let mut column = name.clone();
                    let mut number = 2;
                    while columns.contains(&column) {
                        column = format!("{name}_{number}");
                        number += 1;
                    }
                    columns.push(column);
                }
            }
        }
        columns
    }

    /// A name for all of it: its segments in a row.
    pub(super) fn name(&self) -> String {
        let words: Vec<_> = self
            .segments
            .iter()
            .flatten()
            .filter_map(|name| word(name))
            .collect();
        if words.is_empty() {
            "ids".to_owned()
        } else {
            words.join("_")
        }
    }

    /// The path with `fill` of each column where an id stood.
    pub(super) fn path(&self, fill: impl Fn(&str) -> String) -> String {
        let mut columns = self.columns().into_iter();
        let mut segment = |segment: &Option<String>| match segment {
            Some(name) => name.clone(),
            None => columns
                .next()
                .map(|column| fill(&column))
                .unwrap_or_default(),
        };
        let segments: Vec<_> = self.segments.iter().map(&mut segment).collect();
        format!("/{}", segments.join("/"))
    }
}

/// Letters, digits and `_` of a segment; `None` without any letter.
fn word(segment: &str) -> Option<String> {
    let word: String = segment
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    let word = word.trim_matches('_').to_owned();
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        .then_some(word)
}

/// Numbers, UUIDs, hashes, and other long words with digits.
fn is_id(segment: &str) -> bool {
    let all = |fits: fn(&u8) -> bool| segment.bytes().all(|byte| fits(&byte));
    let has_digit = segment.bytes().any(|byte| byte.is_ascii_digit());
    let is_hex = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    has_digit
        && (all(u8::is_ascii_digit)
            || (segment.len() >= 8 && all(is_hex))
            || (segment.len() >= 20 && all(is_word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_names() {
        let check = |path: &str, expected: &str, ids: &[&str]| {
            let (shape, seen) = shape(path);
            assert_eq!(shape.path(|column| format!("<{column}>")), expected);
            assert_eq!(seen, ids, "{path}");
        };
        check("/", "/", &[]);
        check("/users", "/users", &[]);
        check(
            "/users/17/orders/4/",
            "/users/<users>/orders/<orders>/",
            &["17", "4"],
        );
        check("/7/8", "/<id>/<id_2>", &["7", "8"]);
        check("/v1/1", "/v1/<v1>", &["1"]);
        let uuid = "123e4567-e89b-12d3-a456-426614174000";
        check(&format!("/x-y/{uuid}"), "/x-y/<x_y>", &[uuid]);
        check("/commit/deadbee1", "/commit/<commit>", &["deadbee1"]);
        check("/facade/feedback/h264", "/facade/feedback/h264", &[]);
        check(
            "/a/how-to-load-test-in-2026-again",
            "/a/<a>",
            &["how-to-load-test-in-2026-again"],
        );
    }
}
