//! An access log as a mix: a flow for each thing that was asked for, weighted by how
//! often it was.

mod group;
mod shape;

use dyno_scenario::LogFormat;

use crate::draft::{Asked, Data, Draft, Flow, Names, Request, Status, counted, replay, stem};
use crate::text::{Text, mark};
use crate::{Error, Imported, Source, Warning, recorded};

use group::{Counter, Group};

/// Up to so many paths with ids of one shape stay flows of their own.
pub const MANY_PATHS: usize = 10;

/// Most flows; what was asked less often is left out.
const MOST_FLOWS: usize = 200;

/// Most rows of ids in the file.
const MOST_ROWS: usize = 100;

/// The highest weight of a flow.
const MOST_WEIGHT: u64 = 10_000;

/// Makes a scenario of an access log: common or combined log format, or a JSON
/// object a line.
///
/// Each method and path becomes a flow of one request, its weight the number of such
/// lines (scaled to at most 10,000). Paths that differ only in ids (`/users/17`)
/// become one flow with rows of ids if there are more than `many` of them.
/// Lines without a request are counted and passed over.
pub fn log(source: Source<'_>, text: &str, many: usize) -> Result<Imported, Error> {
    let mut counter = Counter::default();
    let mut count = 0_u64;
    let mut unread: Vec<usize> = Vec::new();
    let mut format = LogFormat::Combined;
    for (index, line) in text.lines().enumerate() {
        let is_json = line.trim_start().starts_with('{');
        let read = match is_json {
            true => recorded::json_line(line),
            false => recorded::combined(line),
        };
        match read {
            Some(line) => {
                counter.add(line);
                count += 1;
                if is_json {
                    format = LogFormat::JsonLines;
                }
            }
            None if line.trim().is_empty() => {}
            None => unread.push(index + 1),
        }
    }
    if count == 0 {
        let message = "no line of the log has a request";
        let hint = "common or combined log format, or a JSON object a line with \
                    `method`, `path` and `status`";
        return Err(match unread.first() {
            Some(&line) => Error::malformed(line, message, hint),
            None => Error::nothing("the log is empty", hint),
        });
    }
    let mut warnings = Vec::new();
    if let Some(&first) = unread.first() {
        let lines = counted(unread.len(), "line");
        warnings.push(Warning::at(
            first,
            format!("{lines} without a request passed over"),
        ));
    }
    let groups = counter.groups(many);
    let (kept, rest) = groups.split_at(groups.len().min(MOST_FLOWS));
    if !rest.is_empty() {
        let lost: u64 = rest.iter().map(|group| group.count).sum();
        let text = format!(
            "the {MOST_FLOWS} most frequent of {} requests kept; the others were {:.1} % of all",
            groups.len(),
            lost as f64 * 100.0 / count as f64
        );
        warnings.push(Warning::new(text));
    }
    let most = kept.first().map_or(1, |group| group.count);
    let mut names = Names::default();
    let mut data = Vec::new();
    let flows = kept
        .iter()
        .map(|group| flow(group, most, &mut names, &mut data, &mut warnings));
    let flows = flows.collect();
    let draft = Draft {
        name: stem(source.name).to_owned(),
        question: format!(
            "Made by `dyno import log` from {}: {count} requests.",
            source.name
        ),
        play: "dyno run FILE --url http://HOST:PORT".to_owned(),
        notes: vec![
            "A log has no headers and no bodies: add what the server asks for, such as \
             Authorization."
                .to_owned(),
            "The right statuses are those that were recorded, but for 5xx.".to_owned(),
        ],
        vars: Vec::new(),
        data,
        asked: Asked::Flows(flows),
        closing: replay(source, format),
        warnings,
    };
    Ok(draft.finish())
}

fn flow(
    group: &Group,
    most: u64,
    names: &mut Names,
    data: &mut Vec<Data>,
    warnings: &mut Vec<Warning>,
) -> Flow {
    let method = &group.method;
    let (path, mut comment) = if group.is_many {
        many(group, data)
    } else {
        let ids = group.rows.first().cloned().unwrap_or_default();
        let ids = std::cell::RefCell::new(ids.into_iter());
        let path = group
            .shape
            .path(|_| ids.borrow_mut().next().unwrap_or_default());
        (path, None)
    };
    let shown = group.shape.path(|column| format!("{{{column}}}"));
    let shown = if group.is_many { shown } else { path.clone() };
    if group.queries > 1 {
        let text = format!(
            "{method} {shown}: {} different queries, the most frequent stands in the file",
            group.queries
        );
        warnings.push(Warning::new(text));
    }
    let mut request = Request::new(method, Text::literal(&format!("{path}{}", group.query)));
    request.status = statuses(group);
    if ["POST", "PUT", "PATCH"].contains(&method.as_str()) {
        let text = format!("{method} {shown}: the log has no body; add one");
        warnings.push(Warning::new(text));
    }
    if group.statuses.keys().any(|status| *status >= 500) && comment.is_none() {
        let failed: u64 = group.statuses.range(500..).map(|(_, count)| count).sum();
        comment = Some(format!(
            "The log has {failed} failures (5xx) of {}.",
            group.count
        ));
    }
    // Of the most frequent is the highest weight, so that the least keep theirs.
    let weight = if most > MOST_WEIGHT {
        let scaled = u128::from(group.count) * u128::from(MOST_WEIGHT) / u128::from(most);
        u32::try_from(scaled).unwrap_or(1).max(1)
    } else {
        u32::try_from(group.count).unwrap_or(1)
    };
    Flow {
        name: names.unique(&format!("{method} {shown}")),
        weight,
        cookies: false,
        comment,
        requests: vec![request],
    }
}

/// The path of a group with ids, its rows added to `data`, and what to say about it.
fn many(group: &Group, data: &mut Vec<Data>) -> (String, Option<String>) {
    let name = group.shape.name();
    let candidates = [
        name.clone(),
        format!("{name}_{}", group.method.to_ascii_lowercase()),
    ];
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let is_free = |name: &String| {
        let reserved = ["vars", "secret", "env"].contains(&name.as_str());
        !reserved && data.iter().all(|other| other.name != *name)
    };
    let name = candidates
        .into_iter()
        .chain(numbered)
        .find(is_free)
        .unwrap_or_default();
    let path = group.shape.path(|column| mark(&format!("{name}.{column}")));
    let paths = group.rows.len();
    let comment = if paths > MOST_ROWS {
        format!("{paths} paths; the ids of the {MOST_ROWS} most frequent stand in [data.{name}].")
    } else {
        format!("{paths} paths; their ids stand in [data.{name}].")
    };
    data.push(Data {
        name,
        columns: group.shape.columns(),
        rows: group.rows.iter().take(MOST_ROWS).cloned().collect(),
    });
    (path, Some(comment))
}

/// Those that were recorded but for failures. A client with a cache gets 304, one that
/// asks for a part 206, where dyno gets 200.
fn statuses(group: &Group) -> Vec<Status> {
    let mut statuses: Vec<u16> = group
        .statuses
        .keys()
        .copied()
        .filter(|s| *s < 500)
        .collect();
    if statuses.iter().any(|status| [206, 304].contains(status)) {
        statuses.push(200);
    }
    statuses.sort_unstable();
    statuses.dedup();
    statuses.into_iter().map(Status::One).collect()
}
