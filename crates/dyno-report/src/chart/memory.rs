//! Memory over the life of a process: the first valid trial of each target.

use dyno_result::Sample;

use super::axis::{self, Area, Scale};
use super::shape::{Canvas, Ink, Point, Shape, dash};
use super::{Plot, frame};
use crate::figures::Figures;
use crate::notes;
use crate::number;

const MIB: f64 = 1_048_576.0;

/// Points of a line at most; more are boiled down to the largest of a slice.
const POINTS: usize = 400;

/// One target's line.
struct Curve {
    series: usize,
    name: String,
    /// Seconds and MiB.
    points: Vec<Point>,
}

/// One panel for all.
pub(crate) fn plot<'a>(figures: &'a Figures<'a>) -> Option<Plot<'a>> {
    let curves = curves(figures);
    if curves.is_empty() {
        return None;
    }
    let rows = curves.iter().map(|curve| {
        let mib = |value: Option<f64>| {
            value.map_or(number::MISSING.to_owned(), |mib| number::bytes(mib * MIB))
        };
        let values = || curve.points.iter().map(|(_, mib)| *mib);
        let (first, last) = (values().next(), values().next_back());
        let peak = values().max_by(f64::total_cmp);
        let end = curve.points.last().map_or(0.0, |(s, _)| *s);
        vec![
            curve.name.clone(),
            mib(first),
            mib(peak),
            mib(last),
            number::time(end * 1e9),
        ]
    });
    Some(Plot {
        name: "memory",
        title: "Memory over time",
        subtitle: format!(
            "The first valid trial {}, all its steps",
            notes::each(figures)
        ),
        description: "Resident set of the target's processes, summed, since its start. Trials \
                      end when their steps do, so a slow target's line may be longer."
            .to_owned(),
        columns: vec![
            "target",
            "first sample",
            "peak",
            "last sample",
            "watched for",
        ],
        rows: rows.collect(),
        draw: Box::new(move |width| draw(&curves, width)),
    })
}

fn curves(figures: &Figures) -> Vec<Curve> {
    let run = &figures.recording.run;
    let mut curves = Vec::new();
    for subject in &figures.subjects {
        let valid = |(index, trial): (usize, &dyno_result::Trial)| {
            let is_ours = subject.has(trial) && trial.invalid_reasons.is_empty();
            let samples = &figures.recording.trials.get(index)?.series.samples;
            (is_ours && samples.len() > 1).then_some(samples)
        };
        if let Some(samples) = run.trials.iter().enumerate().find_map(valid) {
            curves.push(Curve {
                series: subject.index,
                name: subject.name.clone(),
                points: points(samples),
            });
        }
    }
    curves
}

/// No more points than can be seen; peaks survive.
fn points(samples: &[Sample]) -> Vec<Point> {
    let slices = samples.chunks(samples.len().div_ceil(POINTS).max(1));
    let largest = slices.filter_map(|slice| slice.iter().max_by_key(|sample| sample.rss_bytes));
    largest
        .map(|sample| (sample.at_ns as f64 / 1e9, sample.rss_bytes as f64 / MIB))
        .collect()
}

fn draw(curves: &[Curve], width: f64) -> Canvas {
    let mut canvas = Canvas::new(width);
    let (mut longest, mut largest) = (0.0f64, 0.0f64);
    for (s, mib) in curves.iter().flat_map(|curve| &curve.points) {
        (longest, largest) = (longest.max(*s), largest.max(*mib));
    }
    let ticks = if frame::is_narrow(width) { 4 } else { 8 };
    let x = Scale::from_zero(longest, ticks, number::plain, "seconds since its start");
    let y = Scale::from_zero(largest, 4, number::plain, "resident set, MiB");
    let names: Vec<_> = curves.iter().map(|c| (c.series, c.name.clone())).collect();
    let top = frame::legend(&mut canvas, &names, 0.0);
    let area = Area {
        left: y.gutter(),
        right: width - 12.0,
        top: top + 30.0,
        bottom: top + 290.0,
    };
    axis::draw_x(&mut canvas, &area, &x);
    axis::draw_y(&mut canvas, &area, &y);
    for curve in curves {
        let points: Vec<Point> = curve
            .points
            .iter()
            .map(|p| area.point(&x, &y, *p))
            .collect();
        if let Some(end) = points.last() {
            canvas.marker(*end, curve.series);
        }
        canvas.shapes.push(Shape::Line {
            points,
            ink: Ink::Series(curve.series),
            width: 2.0,
            dash: dash(curve.series),
        });
    }
    canvas.height = area.bottom + 44.0;
    canvas
}
