//! Reads the logs that a scenario replays: what was asked, and when.
//!
//! A log tells when an answer was written, or when a request came, as its server
//! likes; taken as it is, it gives the gaps between them. Lines without a request
//! or a time are passed over.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dyno_import::recorded::{Asked, Line, combined, har, json_line};
use dyno_scenario::{
    Check, Entry, Load, LogFormat, Profile, Recording, Request, StatusRange, Template,
};
use dyno_toml::{Problem, Problems};

use crate::source::Source;

/// One second, ns.
const SECOND: i128 = 1_000_000_000;

/// A log that was read: its requests, each once, and when which of them came.
#[derive(Debug, Default)]
struct Log {
    requests: Vec<Request>,
    places: HashMap<Asked, u32>,
    /// Statuses of wrong answers that were right in the log, by request.
    refusals: Vec<BTreeSet<u16>>,
    /// Since 1970, ns; and the request by its place.
    starts: Vec<(i128, u32)>,
    passed_over: Vec<usize>,
}

/// Reads every log that a step of `source` replays. Stamps of whole seconds are
/// spread within their second, by chance from `seed`. Says what to know of it.
pub(crate) fn fill(source: &mut Source, seed: u64) -> Result<Vec<String>, Problems> {
    let mut read: HashMap<(String, String), Log> = HashMap::new();
    let (mut problems, mut notes) = (Vec::new(), Vec::new());
    let folder = source.folder().to_owned();
    let mut steps = std::mem::take(&mut source.scenario.steps);
    for step in &mut steps {
        let Load::Open {
            profile: Profile::Recorded(recording),
            ..
        } = &mut step.load
        else {
            continue;
        };
        let key = (recording.log.clone(), format!("{:?}", recording.format));
        if !read.contains_key(&key) {
            match Log::read(&folder.join(&recording.log), recording.format) {
                Ok(log) => {
                    notes.extend(log.note(&recording.log));
                    read.insert(key.clone(), log);
                }
                Err(why) => {
                    let place = source.place(&["step", &step.name, "replay", "log"]);
                    let problem = Problem::new(format!("{}: {why}", recording.log), place);
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                    continue;
                }
            }
        }
        if let Some(log) = read.get(&key) {
            log.play(recording, seed);
        }
    }
    source.scenario.steps = steps;
    match problems.is_empty() {
        true => Ok(notes),
        false => Err(source.problems(problems)),
    }
}

impl Log {
    fn read(path: &Path, format: LogFormat) -> Result<Self, String> {
        let mut log = Self::default();
        let could_not = |error: std::io::Error| format!("could not read it: {error}");
        let mut reader = BufReader::new(File::open(path).map_err(could_not)?);
        let mut bytes = Vec::new();
        if format == LogFormat::Har {
            reader.read_to_end(&mut bytes).map_err(could_not)?;
            let lines = har(&String::from_utf8_lossy(&bytes));
            for line in lines.map_err(|error| error.to_string())? {
                log.add(line);
            }
        } else {
            for number in 1.. {
                bytes.clear();
                if reader.read_until(b'\n', &mut bytes).map_err(could_not)? == 0 {
                    break;
                }
                let text = String::from_utf8_lossy(&bytes);
                let line = match format {
                    LogFormat::JsonLines => json_line(&text),
                    LogFormat::Combined | LogFormat::Har => combined(&text),
                };
                let is_added = line.is_some_and(|line| log.add(line));
                if !is_added && !text.trim().is_empty() {
                    log.passed_over.push(number);
                }
            }
        }
        if log.starts.is_empty() {
            let wanted = match format {
                LogFormat::Combined => "lines as Apache and nginx write them; else say `format`",
                LogFormat::JsonLines => "a JSON object a line, with `time`, `method` and `path`",
                LogFormat::Har => "entries with the address of a web server",
            };
            return Err(format!("no request is in it: wanted are {wanted}"));
        }
        // Lines of several workers may come in another order; equal stamps stay.
        log.starts.sort_by_key(|(at, _)| *at);
        Ok(log)
    }

    /// Adds a request, if its time is known; says whether.
    fn add(&mut self, line: Line) -> bool {
        let Line { at, asked, status } = line;
        let Some(at) = at else {
            return false;
        };
        let place = match self.places.get(&asked) {
            Some(place) => *place,
            None => {
                let place = u32::try_from(self.requests.len()).unwrap_or(u32::MAX);
                self.requests.push(request(&asked));
                self.refusals.push(BTreeSet::new());
                self.places.insert(asked, place);
                place
            }
        };
        let refusal = status.filter(|status| (400..500).contains(status));
        self.refusals[place as usize].extend(refusal);
        self.starts.push((at, place));
        true
    }

    /// Fills in what is to be played, faster than it was if so asked.
    fn play(&self, recording: &mut Recording, seed: u64) {
        let times = self.times(seed);
        let first = times.first().copied().unwrap_or_default();
        let entry = |(at, (_, request)): (&i128, &(i128, u32))| Entry {
            at: Duration::from_nanos(((at - first) as f64 / recording.speed) as u64),
            request: *request,
        };
        let entries: Vec<Entry> = times.iter().zip(&self.starts).map(entry).collect();
        let requests = self.requests.iter().zip(&self.refusals);
        let requests: Vec<Request> = requests.map(with_refusals).collect();
        recording.entries = Arc::new(entries);
        recording.requests = Arc::new(requests);
    }

    /// When requests came. Where all stamps are whole seconds, those of one second
    /// keep their order and are spread over it.
    fn times(&self, seed: u64) -> Vec<i128> {
        let mut times: Vec<i128> = self.starts.iter().map(|(at, _)| *at).collect();
        if times.iter().any(|at| at % SECOND != 0) {
            return times;
        }
        let mut random = fastrand::Rng::with_seed(seed);
        for second in times.chunk_by_mut(|a, b| a == b) {
            let mut within: Vec<i128> = second
                .iter()
                .map(|_| i128::from(random.u64(..SECOND as u64)))
                .collect();
            within.sort_unstable();
            second.iter_mut().zip(within).for_each(|(at, ns)| *at += ns);
        }
        times
    }

    fn note(&self, name: &str) -> Option<String> {
        let first = self.passed_over.first()?;
        let count = self.passed_over.len();
        let lines = if count == 1 { "line" } else { "lines" };
        Some(format!(
            "{name}: {count} {lines} without a request or a time passed over, the first is line {first}"
        ))
    }
}

fn request(asked: &Asked) -> Request {
    let headers = asked.headers.iter();
    Request {
        headers: headers
            .map(|(name, value)| (name.clone(), Template::fixed(value.as_str())))
            .collect(),
        body: Template::fixed(asked.body.as_str()),
        ..Request::new(&asked.method, &asked.path)
    }
}

/// What the log's own server refused may be refused again.
fn with_refusals((request, refusals): (&Request, &BTreeSet<u16>)) -> Request {
    let mut request = request.clone();
    if !refusals.is_empty() {
        let range = |low, high| StatusRange { low, high };
        let mut right = vec![range(200, 399)];
        right.extend(refusals.iter().map(|status| range(*status, *status)));
        request.checks = vec![Check::Status(right)];
    }
    request
}

#[cfg(test)]
mod tests;
