//! Which value a placeholder means, and which name was meant where there is none.

use std::fmt::Display;
use std::str::FromStr;

use dyno_toml::{Problem, suggestion};

use super::Report;
use crate::placeholder::{Piece, Placeholder, Written};
use crate::{Data, Part, Rows, Secret, Source, Template};

/// Names that are values by themselves, as they are written.
pub(super) const BUILT_IN: [&str; 6] = [
    "seq",
    "uuid",
    "random_int",
    "random_string",
    "now",
    "now_ms",
];

/// Names that stand before a dot and are no data.
pub(super) const PREFIXES: [&str; 3] = ["vars", "secret", "env"];

/// The longest random string.
const MOST_LETTERS: usize = 10_000;

/// All names that a scenario knows.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// As in `Plan::slots`.
    pub(super) slots: Vec<String>,
    /// Those of the variables.
    pub(super) vars: Vec<String>,
    /// As in `Plan::secrets`.
    pub(super) secrets: Vec<Secret>,
    /// As in `Plan::data`.
    pub(super) data: Vec<Data>,
}

/// What can be used at one place of the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// Captures taken before, by their slots.
    pub(super) captured: Vec<usize>,
    /// Those whose value must stay, by their slots.
    pub(super) kept: Vec<usize>,
    /// Whether it belongs to a flow: those have rows and a number.
    pub(super) in_flow: bool,
}

impl Names {
    /// The template of a text; what was reported is left out of it.
    pub(super) fn template(
        &self,
        written: &Written,
        key: &str,
        scope: &Scope,
        report: Report<'_>,
    ) -> Template {
        let part = |piece: &Piece| match piece {
            Piece::Text(text) => Some(Part::Text(text.clone().into_bytes())),
            Piece::Placeholder(one) => Some(Part::Value {
                source: self.found(one, key, scope, report)?,
                escape: one.escape,
                place: one.place.clone(),
            }),
        };
        Template {
            parts: written.pieces.iter().filter_map(part).collect(),
        }
    }

    /// The place of a name among the slots; it gets one if it has none.
    pub(super) fn slot(&mut self, name: &str) -> usize {
        let known = self.slots.iter().position(|slot| slot == name);
        known.unwrap_or_else(|| {
            self.slots.push(name.to_owned());
            self.slots.len() - 1
        })
    }

    fn found(
        &self,
        one: &Placeholder,
        key: &str,
        scope: &Scope,
        report: Report<'_>,
    ) -> Option<Source> {
        match self.source(one, scope) {
            Ok(source) => Some(source),
            Err(Wrong { message, hint }) => {
                let message = format!("`{key}`: {message}");
                report(Problem::new(message, one.place.clone()).hint(hint));
                None
            }
        }
    }

    fn source(&self, one: &Placeholder, scope: &Scope) -> Result<Source, Wrong> {
        let name = one.name.as_str();
        if BUILT_IN.contains(&name) {
            return built_in(name, one.arguments.as_deref(), scope);
        }
        if one.arguments.is_some() {
            let calls = ["random_int", "random_string"];
            let message = format!("there is no `{name}(…)`");
            return Err(Wrong::new(message, suggestion(name, &calls)));
        }
        match name.split_once('.') {
            None => self.capture(name, scope),
            Some(("env", name)) if !name.is_empty() => Ok(Source::Env(name.to_owned())),
            Some(("vars", name)) if self.vars.iter().any(|var| var == name) => {
                Ok(Source::Var(name.to_owned()))
            }
            Some(("secret", name)) => {
                let known = self.secrets.iter().position(|secret| secret.name == name);
                known
                    .map(Source::Secret)
                    .ok_or_else(|| self.unknown(&one.name, scope))
            }
            Some((name, column)) => self.column(name, column, one, scope),
        }
    }

    fn capture(&self, name: &str, scope: &Scope) -> Result<Source, Wrong> {
        let slot = self.slots.iter().position(|slot| slot == name);
        match slot {
            Some(slot) if scope.captured.contains(&slot) => Ok(Source::Slot(slot)),
            Some(_) => Err(Wrong::new(
                format!("`{name}` is not captured yet"),
                "only later requests of the flow that captures it can use it; \
                 what [[setup]] captures can be used everywhere",
            )),
            None => Err(self.unknown(name, scope)),
        }
    }

    fn column(
        &self,
        name: &str,
        column: &str,
        one: &Placeholder,
        scope: &Scope,
    ) -> Result<Source, Wrong> {
        let Some(data) = self.data.iter().position(|data| data.name == name) else {
            return Err(self.unknown(&one.name, scope));
        };
        if !scope.in_flow {
            let message = format!("`{}` is not known here", one.name);
            return Err(Wrong::new(message, "rows of data are given out to flows"));
        }
        if let Rows::Inline(columns, _) = &self.data[data].rows
            && !columns.iter().any(|known| known == column)
        {
            return Err(self.unknown(&one.name, scope));
        }
        Ok(Source::Column {
            data,
            column: column.to_owned(),
        })
    }

    fn unknown(&self, name: &str, scope: &Scope) -> Wrong {
        let known = self.known(scope);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        Wrong::new(format!("there is no `{name}`"), suggestion(name, &known))
    }

    /// All that could have been meant here, as it is written.
    fn known(&self, scope: &Scope) -> Vec<String> {
        let mut known = self.slots.clone();
        for data in self.data.iter().filter(|_| scope.in_flow) {
            match &data.rows {
                Rows::Inline(columns, _) => {
                    let column = |column| format!("{}.{column}", data.name);
                    known.extend(columns.iter().map(column));
                }
                Rows::Csv(_) | Rows::JsonLines(_) => known.push(format!("{}.…", data.name)),
            }
        }
        known.extend(self.vars.iter().map(|name| format!("vars.{name}")));
        let secrets = self.secrets.iter();
        known.extend(secrets.map(|secret| format!("secret.{}", secret.name)));
        known.extend(BUILT_IN.map(str::to_owned));
        known.push("env.…".to_owned());
        known
    }
}

/// Why a placeholder means nothing.
struct Wrong {
    message: String,
    hint: String,
}

impl Wrong {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }
}

fn built_in(name: &str, arguments: Option<&str>, scope: &Scope) -> Result<Source, Wrong> {
    let alone = |source| match arguments {
        None => Ok(source),
        Some(_) => Err(Wrong::new(
            format!("`{name}` takes nothing in parentheses"),
            format!("write {{{{{name}}}}}"),
        )),
    };
    match name {
        "seq" if !scope.in_flow => Err(Wrong::new(
            "`seq` is not known here",
            "it numbers flows; for something unique write {{uuid}}",
        )),
        "seq" => alone(Source::Seq),
        "uuid" => alone(Source::Uuid),
        "now" => alone(Source::Now),
        "now_ms" => alone(Source::NowMs),
        "random_int" => random_int(arguments),
        _ => random_string(arguments),
    }
}

fn random_int(arguments: Option<&str>) -> Result<Source, Wrong> {
    let ends: Option<(i64, i64)> = arguments
        .and_then(|text| text.split_once(','))
        .and_then(|(low, high)| Some((number(low)?, number(high)?)));
    let example = "such as {{random_int(1, 100)}}";
    match ends {
        Some((low, high)) if low <= high => Ok(Source::RandomInt(low, high)),
        Some(_) => Err(Wrong::new("`random_int` begins above its end", example)),
        None => Err(Wrong::new("`random_int` needs two whole numbers", example)),
    }
}

fn random_string(arguments: Option<&str>) -> Result<Source, Wrong> {
    let letters = arguments.and_then(number::<usize>);
    match letters {
        Some(letters @ 1..=MOST_LETTERS) => Ok(Source::RandomString(letters)),
        _ => Err(Wrong::new(
            format!("`random_string` needs a number of letters from 1 to {MOST_LETTERS}"),
            "such as {{random_string(12)}}",
        )),
    }
}

fn number<T: FromStr<Err: Display>>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}
