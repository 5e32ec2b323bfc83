//! A step that plays a log again, as written.

use dyno_toml::{Problem, Reader, Spanned};
use schemars::JsonSchema;
use toml_span::Value;

use super::value::levels;
use crate::LogFormat;
use crate::schema::{Levels, SpeedNumber};

/// What a log recorded, asked again at the times at which it was asked.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Replay {
    /// The file; a relative path counts from the folder of the scenario.
    #[schemars(required, length(min = 1), extend("examples" = ["access.log"]))]
    pub(crate) log: Option<Spanned<String>>,
    /// How much faster than recorded: 2.0 takes half the time. A list gives a level
    /// for each value.
    #[schemars(with = "Option<Levels<SpeedNumber>>", extend("default" = 1.0, "examples" = [2.0, [1.0, 2.0]]))]
    pub(crate) speed: Option<Vec<Spanned<f64>>>,
    /// How the file is written: `combined` as Apache and nginx log, `jsonl` a JSON
    /// object a line, `har` as browsers export. If left out, the end of the file's
    /// name says it: .har, .jsonl, anything else is `combined`.
    #[schemars(with = "Option<String>")]
    #[schemars(extend("enum" = FORMATS.map(|(word, _)| word), "examples" = ["har"]))]
    pub(crate) format: Option<Spanned<LogFormat>>,
}

const FORMATS: [(&str, LogFormat); 3] = [
    ("combined", LogFormat::Combined),
    ("jsonl", LogFormat::JsonLines),
    ("har", LogFormat::Har),
];

/// The highest speed; the lowest is one by it.
pub(crate) const MOST_SPEED: f64 = 1000.0;

impl Replay {
    pub(super) fn read(step: &mut Reader<'_, '_>) -> Option<Self> {
        let mut table = step.table("replay")?;
        let log = table.required("log", Reader::string);
        if let Some(empty) = log.as_ref().filter(|log| log.value.is_empty()) {
            let message = format!("`{}` is empty", table.name("log"));
            table.problem(Problem::new(message, empty.place.clone()));
        }
        let replay = Self {
            log,
            speed: levels(&mut table, "speed", speed),
            format: table.word("format", &FORMATS),
        };
        table.finish();
        Some(replay)
    }
}

fn speed(table: &Reader<'_, '_>, value: Value<'_>, name: &str) -> Option<Spanned<f64>> {
    let place = value.span.start..value.span.end;
    let whole = value.as_integer().map(|number| number as f64);
    let Some(speed) = value.as_float().or(whole) else {
        return table.wrong(name, "a number", value.as_ref(), place);
    };
    if (1.0 / MOST_SPEED..=MOST_SPEED).contains(&speed) {
        return Some(Spanned {
            value: speed,
            place,
        });
    }
    let message = format!("`{name}` must be from 0.001 to 1000, found {speed}");
    table.problem(Problem::new(message, place).hint("1.0 is as recorded"));
    None
}
