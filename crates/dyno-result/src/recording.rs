//! A run with its histograms and series: the content of a run directory, apart
//! from logs and rendered pages. Knows the files' names and text, reads and
//! writes none itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use thiserror::Error;

use crate::version::accept;
use crate::{
    Histogram, Packed, Run, Series, StoredHistogramError, Trial, VersionError, merge, new_histogram,
};

/// A run and everything measured in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// `run.json`
    pub run: Run,
    /// In the order of `run.trials`.
    pub trials: Vec<TrialRecording>,
}

/// What a trial recorded beside its figures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrialRecording {
    /// `series/<stem>.json`
    pub series: Series,
    /// `histograms/<stem>-<step>.hlog`, by step id.
    pub histograms: BTreeMap<String, StepHistograms>,
}

/// The histograms of one step, in slices.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepHistograms {
    /// Slices in time order; they add up to the step.
    pub intervals: Vec<IntervalHistograms>,
}

/// The histograms of one slice.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalHistograms {
    /// Start, since the first intended start of the step, s.
    pub start_s: f64,
    /// Length, s.
    pub length_s: f64,
    /// Response times of right answers that ended in the slice.
    pub response: Packed,
    /// Their times to the first byte.
    pub first_byte: Packed,
    /// Connections opened in the slice.
    pub connect: Packed,
}

/// Why a run directory could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// A file is missing or unreadable.
    #[error("could not read {file}")]
    Io {
        /// Path within the run directory.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{file} is not a dyno result file")]
    Json {
        /// Path within the run directory.
        file: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The result has a version that this dyno cannot read.
    #[error("{0}")]
    Version(#[from] VersionError),
    /// A line of a histogram log is broken.
    #[error("{file}:{line}: {source}")]
    Histogram {
        /// Path within the run directory.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Why.
        source: StoredHistogramError,
    },
}

impl StepHistograms {
    /// The slices of one kind added up.
    pub fn whole(&self, kind: impl Fn(&IntervalHistograms) -> &Packed) -> Histogram {
        let mut whole = new_histogram();
        for interval in &self.intervals {
            merge(&mut whole, &kind(interval).unpack());
        }
        whole
    }

    /// A histogram log, version 1.3, one tagged line for each kind and slice.
    /// `created` is the run's start in seconds since 1970.
    pub fn to_log(&self, created: f64) -> String {
        let mut text = format!(
            "#[Histogram log format version 1.3]\n\
             #[StartTime: {created:.3} (seconds since epoch)]\n\
             #[BaseTime: {created:.3} (seconds since epoch)]\n\
             \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
        );
        for interval in &self.intervals {
            for (tag, histogram) in interval.tagged() {
                let (start, length) = (interval.start_s, interval.length_s);
                let (max, payload) = (histogram.max(), histogram.payload());
                let line = format!("Tag={tag},{start:.3},{length:.3},{max},{payload}");
                writeln!(text, "{line}").expect("writing to memory does not fail");
            }
        }
        text
    }

    /// The inverse of [`Self::to_log`].
    pub fn from_log(file: &str, text: &str) -> Result<Self, ReadError> {
        let mut intervals: Vec<IntervalHistograms> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let Some(rest) = line.strip_prefix("Tag=") else {
                continue;
            };
            let broken = |source| ReadError::Histogram {
                file: file.to_owned(),
                line: index + 1,
                source,
            };
            let fields: Vec<&str> = rest.splitn(5, ',').collect();
            let [tag, start, length, _max, payload] = fields[..] else {
                let why = format!("{} fields instead of 5", fields.len());
                return Err(broken(StoredHistogramError::Payload(why)));
            };
            let number = |text: &str| {
                text.parse::<f64>()
                    .map_err(|error| broken(StoredHistogramError::Payload(error.to_string())))
            };
            let (start_s, length_s) = (number(start)?, number(length)?);
            let histogram = Packed::from_payload(payload).map_err(broken)?;
            if intervals.last().is_none_or(|last| last.start_s != start_s) {
                intervals.push(IntervalHistograms {
                    start_s,
                    length_s,
                    response: Packed::default(),
                    first_byte: Packed::default(),
                    connect: Packed::default(),
                });
            }
            let last = intervals.last_mut().expect("one was just pushed");
            match tag {
                "response" => last.response = histogram,
                "first_byte" => last.first_byte = histogram,
                "connect" => last.connect = histogram,
                _ => {}
            }
        }
        Ok(Self { intervals })
    }
}

impl IntervalHistograms {
    fn tagged(&self) -> [(&'static str, &Packed); 3] {
        [
            ("response", &self.response),
            ("first_byte", &self.first_byte),
            ("connect", &self.connect),
        ]
    }
}

impl TrialRecording {
    /// The files of one trial: path within the run directory and content.
    pub fn files(&self, trial: &Trial, created: f64) -> Vec<(String, String)> {
        let series =
            serde_json::to_string_pretty(&self.series).expect("a series has only plain fields");
        let mut files = vec![(series_file(trial), series + "\n")];
        for (step, histograms) in &self.histograms {
            files.push((histogram_file(trial, step), histograms.to_log(created)));
        }
        files
    }
}

impl Run {
    /// The text of `run.json`.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a run has only plain fields") + "\n"
    }

    /// Reads `run.json`; a newer major version is refused.
    pub fn from_json(file: &str, text: &str) -> Result<Self, ReadError> {
        let json = |source| ReadError::Json {
            file: file.to_owned(),
            source,
        };
        let envelope: serde_json::Value = serde_json::from_str(text).map_err(json)?;
        let word = |key: &str| envelope[key].as_str().unwrap_or_default().to_owned();
        accept(&word("schema"), &word("schema_version"))?;
        serde_json::from_value(envelope).map_err(json)
    }
}

impl Recording {
    /// Reads a run directory through `read`, which gets paths within it.
    /// Series or histograms of a trial may be missing: a run killed in the
    /// middle is still readable.
    pub fn from_files(read: impl Fn(&str) -> io::Result<String>) -> Result<Self, ReadError> {
        let file = "run.json";
        let text = read(file).map_err(|source| ReadError::Io {
            file: file.to_owned(),
            source,
        })?;
        let run = Run::from_json(file, &text)?;
        let optional = |file: &str| match read(file) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ReadError::Io {
                file: file.to_owned(),
                source,
            }),
        };
        let mut trials = Vec::new();
        for trial in &run.trials {
            let mut recording = TrialRecording::default();
            let file = series_file(trial);
            if let Some(text) = optional(&file)? {
                recording.series = serde_json::from_str(&text)
                    .map_err(|source| ReadError::Json { file, source })?;
            }
            for step in &trial.steps {
                let file = histogram_file(trial, &step.id);
                if let Some(text) = optional(&file)? {
                    let histograms = StepHistograms::from_log(&file, &text)?;
                    recording.histograms.insert(step.id.clone(), histograms);
                }
            }
            trials.push(recording);
        }
        Ok(Self { run, trials })
    }
}

fn series_file(trial: &Trial) -> String {
    format!("series/{}.json", trial.file_stem())
}

fn histogram_file(trial: &Trial, step: &str) -> String {
    format!("histograms/{}-{step}.hlog", trial.file_stem())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_log_survives_a_round_trip() {
        let mut step = StepHistograms::default();
        for second in 0..3_u32 {
            let mut response = new_histogram();
            response.record(1_000 + u64::from(second)).unwrap();
            step.intervals.push(IntervalHistograms {
                start_s: f64::from(second),
                length_s: 1.0,
                response: Packed::of(&response),
                first_byte: Packed::default(),
                connect: Packed::of(&response),
            });
        }
        let text = step.to_log(1_700_000_000.0);
        assert_eq!(StepHistograms::from_log("x.hlog", &text).unwrap(), step);
        assert_eq!(step.whole(|interval| &interval.response).len(), 3);
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = StepHistograms::from_log("x.hlog", "#\nTag=response,0.000,1.000,5,%\n");
        assert_eq!(
            error.unwrap_err().to_string(),
            "x.hlog:2: histogram is not base64"
        );
    }
}
