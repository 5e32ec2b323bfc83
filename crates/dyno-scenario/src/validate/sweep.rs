//! Which values of several lists go together.

use std::ops::Range;

use dyno_toml::Problem;

use super::Report;
use crate::id::slug;
use crate::model::{Mode, Variant};
use crate::raw;

/// The most levels of one kind: more than anybody waits for.
const MOST_LEVELS: usize = 10_000;

/// A list of levels.
pub(super) struct Axis {
    /// Its key, for messages.
    pub(super) key: String,
    /// How many values it has, at least 1; one is the same at all levels.
    pub(super) levels: usize,
    /// Where it stands.
    pub(super) place: Range<usize>,
}

/// For each level the place of its value in each list; the last list changes
/// fastest.
pub(super) fn levels(axes: &[Axis], mode: Mode, report: Report<'_>) -> Vec<Vec<usize>> {
    match mode {
        Mode::Matrix => matrix(axes, report),
        Mode::Zip => zip(axes, report),
    }
}

fn matrix(axes: &[Axis], report: Report<'_>) -> Vec<Vec<usize>> {
    let product = |product: usize, axis: &Axis| product.saturating_mul(axis.levels);
    let count = axes.iter().fold(1, product);
    if let Some(axis) = axes.iter().find(|_| count > MOST_LEVELS) {
        let message = format!("`{}` and the lists beside it have {count} levels", axis.key);
        let hint = format!("at most {MOST_LEVELS}; mode = \"zip\" takes the n-th values together");
        report(Problem::new(message, axis.place.clone()).hint(hint));
        return vec![vec![0; axes.len()]];
    }
    let mut levels = vec![Vec::new()];
    for axis in axes {
        let longer = |level: Vec<usize>| {
            (0..axis.levels).map(move |value| [level.as_slice(), &[value]].concat())
        };
        levels = levels.into_iter().flat_map(longer).collect();
    }
    levels
}

fn zip(axes: &[Axis], report: Report<'_>) -> Vec<Vec<usize>> {
    let mut swept = axes.iter().filter(|axis| axis.levels > 1);
    let first = swept.next();
    for axis in swept {
        let Some(first) = first.filter(|first| first.levels != axis.levels) else {
            continue;
        };
        let message = format!(
            "`{}` has {} values, but `{}` has {}",
            axis.key, axis.levels, first.key, first.levels
        );
        let hint = "with sweep.mode = \"zip\" the n-th values go together";
        report(Problem::new(message, axis.place.clone()).hint(hint));
        return vec![vec![0; axes.len()]];
    }
    let count = first.map_or(1, |first| first.levels);
    let value = |n: usize| axes.iter().map(move |axis| n.min(axis.levels - 1));
    (0..count).map(|n| value(n).collect()).collect()
}

/// The levels of `[vars]` and `[env]` together.
pub(super) fn variants(raw: &raw::Scenario, mode: Mode, report: Report<'_>) -> Vec<Variant> {
    let vars = raw.vars.iter().map(|variable| ("vars", variable));
    let env = raw.env.iter().map(|variable| ("env", variable));
    // A list of which nothing was right has been reported.
    let all: Vec<_> = vars
        .chain(env)
        .filter(|(_, (_, list))| !list.is_empty())
        .collect();
    let axes: Vec<Axis> = all
        .iter()
        .map(|(table, (name, list))| {
            let key = format!("{table}.{}", name.value);
            super::load::check_twice(&key, list, |value| format!("{value:?}"), report);
            Axis {
                key,
                levels: list.len(),
                place: name.place.clone(),
            }
        })
        .collect();
    let variant = |level: Vec<usize>| {
        let mut variant = Variant::default();
        let mut words = Vec::new();
        for ((table, (name, list)), index) in all.iter().zip(level) {
            let value = list[index].value.clone();
            if list.len() > 1 {
                words.push(format!("{} {value}", name.value));
            }
            let values = match *table {
                "vars" => &mut variant.vars,
                _ => &mut variant.env,
            };
            values.insert(name.value.clone(), value);
        }
        if !words.is_empty() {
            variant.id = slug(&words.join(" "));
        }
        variant
    };
    let mut variants: Vec<Variant> = levels(&axes, mode, report)
        .into_iter()
        .map(variant)
        .collect();
    name_apart(&mut variants);
    variants
}

/// Numbers instead of values where those are too long or alike for a file name.
fn name_apart(variants: &mut [Variant]) {
    let mut ids: Vec<&str> = variants.iter().map(|variant| variant.id.as_str()).collect();
    let longest = ids.iter().map(|id| id.len()).max().unwrap_or(0);
    ids.sort_unstable();
    ids.dedup();
    if ids.len() == variants.len() && longest <= super::LONGEST_NAME {
        return;
    }
    for (index, variant) in variants.iter_mut().enumerate() {
        variant.id = format!("variant-{}", index + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(levels: usize) -> Axis {
        Axis {
            key: format!("k{levels}"),
            levels,
            place: 0..1,
        }
    }

    #[test]
    fn every_value_with_every_other_or_the_nth_with_the_nth() {
        let check = |axes: &[usize], mode, expected: &[&[usize]]| {
            let axes: Vec<Axis> = axes.iter().copied().map(axis).collect();
            let seen = levels(&axes, mode, &|problem| panic!("{problem:?}"));
            assert_eq!(seen, expected);
        };
        check(&[], Mode::Matrix, &[&[]]);
        check(&[], Mode::Zip, &[&[]]);
        check(
            &[2, 1, 2],
            Mode::Matrix,
            &[&[0, 0, 0], &[0, 0, 1], &[1, 0, 0], &[1, 0, 1]],
        );
        check(&[2, 1, 2], Mode::Zip, &[&[0, 0, 0], &[1, 0, 1]]);
        check(&[1, 1], Mode::Zip, &[&[0, 0]]);
    }
}
