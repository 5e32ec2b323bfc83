//! The price table: which instances there are, and what they cost. Has a date and a
//! source, and can be replaced; what follows from it is in `cost.rs`.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use dyno_toml::{Problem, Problems, Reader};

/// Prices of instances at a date.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    /// When they were written down, `2026-11-22`.
    pub date: String,
    /// Whose they are, where, and how they are known.
    pub source: String,
    /// The share of its capacity that an instance is planned to carry, above 0, at most 1.
    pub load: f64,
    /// Memory of each instance that the system keeps for itself, bytes.
    pub reserve_bytes: f64,
    /// At least one.
    pub instances: Vec<Instance>,
}

/// A machine that can be had by the hour.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// What its owner calls it.
    pub name: String,
    /// CPUs as its owner counts them.
    pub vcpus: u32,
    /// Memory, bytes.
    pub memory_bytes: f64,
    /// Price, USD per hour.
    pub usd_per_h: f64,
    /// What more costs than the price includes; none where the CPUs are there all the
    /// time.
    pub credits: Option<Credits>,
}

/// The terms of a burstable instance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Credits {
    /// The share of each vCPU that the price includes, on average.
    pub baseline: f64,
    /// What goes beyond it, USD per vCPU-hour.
    pub usd_per_vcpu_h: f64,
}

/// The table in this repository.
static BUILT_IN: LazyLock<Prices> = LazyLock::new(|| {
    Prices::parse("prices.toml", include_str!("../prices.toml"))
        .expect("a test reads the table in this repository")
});

const GIB: f64 = 1_073_741_824.0;

/// More than any machine has, or costs an hour.
const MOST: f64 = 1e6;

impl Prices {
    /// The table in this repository, which has a date.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Reads a table, or says everything that is wrong with it. `name` is the path shown
    /// in messages.
    pub fn parse(name: &str, text: &str) -> Result<Self, Problems> {
        dyno_toml::read(name, text, |root| {
            let date = root.required("date", Reader::string);
            let source = root.required("source", Reader::string);
            let load = required(root, "load", 0.01..=1.0);
            let reserve = required(root, "reserve", 0.0..=MOST);
            let tables = root.tables("instance");
            if tables.is_empty() {
                let message = "there is no `[[instance]]`";
                root.problem(Problem::new(message, root.place()));
            }
            let instances: Vec<_> = tables.into_iter().filter_map(instance).collect();
            Some(Self {
                date: date?.value,
                source: source?.value,
                load: load?,
                reserve_bytes: reserve? * GIB,
                instances,
            })
        })
    }
}

fn instance(mut table: Reader<'_, '_>) -> Option<Instance> {
    let name = table.required("name", Reader::string);
    let vcpus = table.required("vcpus", |table, key| table.integer(key, 1..=4096));
    let memory = required(&mut table, "memory", 0.1..=MOST);
    let price = required(&mut table, "price", 0.0..=MOST);
    let is_burstable = table.has("baseline") || table.has("surplus");
    let credits = is_burstable.then(|| {
        let baseline = required(&mut table, "baseline", 0.0..=1.0);
        let surplus = required(&mut table, "surplus", 0.0..=MOST);
        Some(Credits {
            baseline: baseline?,
            usd_per_vcpu_h: surplus?,
        })
    });
    table.finish();
    Some(Instance {
        name: name?.value,
        vcpus: u32::try_from(vcpus?.value).ok()?,
        memory_bytes: memory? * GIB,
        usd_per_h: price?,
        credits: match credits {
            None => None,
            Some(credits) => Some(credits?),
        },
    })
}

/// A number within `range`, whole or not.
fn required(
    table: &mut Reader<'_, '_>,
    key: &'static str,
    range: RangeInclusive<f64>,
) -> Option<f64> {
    table.required(key, |table, key| {
        let value = table.value(key)?;
        let place = value.span.start..value.span.end;
        let name = table.name(key);
        let whole = value.as_integer().map(|number| number as f64);
        let Some(number) = value.as_float().or(whole) else {
            return table.wrong(&name, "a number", value.as_ref(), place);
        };
        if range.contains(&number) {
            return Some(number);
        }
        let (low, high) = range.into_inner();
        let message = format!("`{name}` must be from {low} to {high}, found {number}");
        table.problem(Problem::new(message, place));
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_this_repository_can_be_read() {
        let prices = Prices::built_in();
        assert_eq!((prices.date.len(), prices.load), (10, 0.6));
        let burstable = prices.instances.iter().find(|of| of.credits.is_some());
        let burstable = burstable.unwrap();
        assert_eq!(burstable.name, "t3.medium");
        assert_eq!(burstable.usd_per_h, 0.0416);
        assert_eq!(burstable.memory_bytes, 4.0 * GIB);
        assert!(prices.instances.iter().any(|of| of.credits.is_none()));
    }

    #[test]
    fn every_problem_is_told() {
        let check = |from: &str, to: &str, expected: &[&str]| {
            let text = include_str!("../prices.toml").replacen(from, to, 1);
            let told = match Prices::parse("p.toml", &text) {
                Ok(_) => String::new(),
                Err(problems) => problems.to_string(),
            };
            // Where it stands moves with the remarks of the file.
            let told: Vec<&str> = told
                .lines()
                .map(|line| line.splitn(4, ':').last().unwrap().trim())
                .collect();
            assert_eq!(told, expected, "{to}");
        };
        check("0.6 ", "1 ", &[]);
        check("0.6 ", "60 ", &["`load` must be from 0.01 to 1, found 60"]);
        check(
            "load ",
            "laod ",
            &[
                "`load` is missing",
                "unknown key `laod` (did you mean `load`?)",
            ],
        );
        check(
            "0.08925",
            "\"cheap\"",
            &["`instance.price` must be a number, found the text \"cheap\""],
        );
        check("surplus  = 0.05", "", &["`instance.surplus` is missing"]);
        check(
            "[[instance]]",
            "[[instances]]",
            &["unknown key `instances` (did you mean `instance`?)"],
        );
        let told = Prices::parse("p.toml", "").unwrap_err().to_string();
        assert!(told.contains("there is no `[[instance]]`"), "{told}");
    }
}
