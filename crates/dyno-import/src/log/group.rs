//! Requests of a log counted: by path, or by the shape of the path where there are
//! many of one shape.

use std::collections::{BTreeMap, HashMap};

use crate::recorded::Line;

use super::shape::{Shape, shape};

/// All requests that become one flow.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) method: String,
    pub(super) shape: Shape,
    /// The ids of each path, the most frequent first; one path unless there are many.
    pub(super) rows: Vec<Vec<String>>,
    /// Whether the ids vary.
    pub(super) is_many: bool,
    /// How often it was asked.
    pub(super) count: u64,
    /// The query that came most often, with its `?`, or nothing.
    pub(super) query: String,
    /// How many different queries there were, none counting as one.
    pub(super) queries: usize,
    /// Of the answers, with their numbers.
    pub(super) statuses: BTreeMap<u16, u64>,
    /// Where it was first seen: the order of groups with equal counts.
    first: usize,
}

/// What was seen of one path.
#[derive(Debug)]
struct Seen {
    method: String,
    path: String,
    count: u64,
    first: usize,
    queries: HashMap<String, u64>,
    statuses: BTreeMap<u16, u64>,
}

/// What was seen of one path, and its ids.
type Counted = (Seen, Vec<String>);

/// Counts requests by method and path.
#[derive(Debug, Default)]
pub(super) struct Counter {
    places: HashMap<(String, String), usize>,
    seen: Vec<Seen>,
}

impl Counter {
    /// Counts one.
    pub(super) fn add(&mut self, line: Line) {
        let asked = line.asked;
        let (path, query) = match asked.path.find('?') {
            Some(at) => asked.path.split_at(at),
            None => (asked.path.as_str(), ""),
        };
        let key = (asked.method, path.to_owned());
        let place = self.places.get(&key).copied().unwrap_or(self.seen.len());
        if place == self.seen.len() {
            let (method, path) = key.clone();
            self.places.insert(key, place);
            self.seen.push(Seen {
                method,
                path,
                count: 0,
                first: place,
                queries: HashMap::new(),
                statuses: BTreeMap::new(),
            });
        }
        let seen = &mut self.seen[place];
        seen.count += 1;
        *seen.queries.entry(query.to_owned()).or_default() += 1;
        if let Some(status) = line.status {
            *seen.statuses.entry(status).or_default() += 1;
        }
    }

    /// The groups, the most frequent first. Paths of one shape are one group if there
    /// are more than `many` of them.
    pub(super) fn groups(self, many: usize) -> Vec<Group> {
        let mut shapes: HashMap<(String, Shape), usize> = HashMap::new();
        let mut sets: Vec<(Shape, Vec<Counted>)> = Vec::new();
        for seen in self.seen {
            let (shape, ids) = shape(&seen.path);
            let key = (seen.method.clone(), shape.clone());
            let place = *shapes.entry(key).or_insert(sets.len());
            if place == sets.len() {
                sets.push((shape, Vec::new()));
            }
            sets[place].1.push((seen, ids));
        }
        let mut groups: Vec<Group> = Vec::new();
        for (shape, set) in sets {
            if set.len() > many && shape.segments.contains(&None) {
                groups.extend(group(&shape, set, true));
            } else {
                let alone = set
                    .into_iter()
                    .filter_map(|one| group(&shape, vec![one], false));
                groups.extend(alone);
            }
        }
        groups.sort_by_key(|group| (std::cmp::Reverse(group.count), group.first));
        groups
    }
}

/// One group of these; `None` of none.
fn group(shape: &Shape, mut set: Vec<Counted>, is_many: bool) -> Option<Group> {
    set.sort_by_key(|(seen, _)| (std::cmp::Reverse(seen.count), seen.first));
    let method = set.first()?.0.method.clone();
    let mut queries: BTreeMap<String, u64> = BTreeMap::new();
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    for (seen, _) in &set {
        for (query, count) in &seen.queries {
            *queries.entry(query.clone()).or_default() += count;
        }
        for (status, count) in &seen.statuses {
            *statuses.entry(*status).or_default() += count;
        }
    }
    let count = set.iter().map(|(seen, _)| seen.count).sum();
    let first = set
        .iter()
        .map(|(seen, _)| seen.first)
        .min()
        .unwrap_or_default();
    let most = queries
        .iter()
        .max_by_key(|(query, count)| (**count, std::cmp::Reverse(*query)));
    Some(Group {
        method,
        shape: shape.clone(),
        is_many,
        count,
        query: most.map(|(query, _)| query.clone()).unwrap_or_default(),
        queries: queries.len(),
        statuses,
        first,
        rows: set.into_iter().map(|(_, ids)| ids).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorded::combined;

    fn groups(requests: &[(&str, usize)], many: usize) -> Vec<String> {
        let mut counter = Counter::default();
        for (request, count) in requests {
            let line = format!("- - - [t] \"{request} HTTP/1.1\" 200 0");
            for _ in 0..*count {
                counter.add(combined(&line).unwrap());
            }
        }
        let groups = counter.groups(many).into_iter();
        let shown = groups.map(|group| {
            let path = group.shape.path(|column| format!("<{column}>"));
            let (method, query, count, queries) =
                (group.method, group.query, group.count, group.queries);
            format!(
                "{count} {method} {path}{query} {:?} of {queries}",
                group.rows
            )
        });
        shown.collect()
    }

    #[test]
    fn paths_of_one_shape_are_grouped_from_a_number_on() {
        let requests = [
            ("GET /u/1", 1),
            ("GET /u/2", 3),
            ("GET /u/3", 1),
            ("POST /u/1", 2),
            ("GET /s?q=b", 2),
            ("GET /s?q=a", 2),
            ("GET /s", 1),
        ];
        let grouped = [
            r#"5 GET /u/<u> [["2"], ["1"], ["3"]] of 1"#,
            r#"5 GET /s?q=a [[]] of 3"#,
            r#"2 POST /u/<u> [["1"]] of 1"#,
        ];
        assert_eq!(groups(&requests, 2), grouped);
        let apart = [
            r#"5 GET /s?q=a [[]] of 3"#,
            r#"3 GET /u/<u> [["2"]] of 1"#,
            r#"2 POST /u/<u> [["1"]] of 1"#,
            r#"1 GET /u/<u> [["1"]] of 1"#,
            r#"1 GET /u/<u> [["3"]] of 1"#,
        ];
        assert_eq!(groups(&requests, 3), apart);
    }
}
