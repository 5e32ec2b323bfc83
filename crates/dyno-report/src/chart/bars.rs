//! One bar from zero for each target and step, with every trial as a dot and
//! the figure written beside it: throughput, and CPU time per request.

use dyno_result::Summary;

use super::axis::{self, Area, Scale};
use super::frame::{self, TEXT_SIZE};
use super::shape::{Anchor, Canvas, Ink, Shape, Weight};
use super::{Plot, font};
use crate::figures::{Figures, Outcome, Row};
use crate::measured::{Measured, Played};
use crate::number;

/// What is drawn.
#[derive(Clone, Copy)]
struct Metric {
    median: fn(&Measured) -> Option<Summary>,
    of_trial: fn(&Played) -> Option<f64>,
    label: fn(&Measured, Summary) -> String,
    /// Unit and step that suit the largest value.
    tick: fn(f64) -> String,
    axis: &'static str,
}

/// Throughput of each step.
pub(crate) fn throughput<'a>(figures: &'a Figures<'a>) -> Option<Plot<'a>> {
    let metric = Metric {
        median: |of| Some(of.throughput),
        of_trial: |played| Some(played.step.throughput_per_s),
        label: |of, summary| {
            let value = number::rate(summary.median);
            match of.ratio {
                Some(ratio) => format!("{value} ({})", number::ratio(ratio)),
                None => value,
            }
        },
        tick: number::plain,
        axis: "requests per second",
    };
    plot(figures, metric, "throughput", "Throughput").map(|plot| Plot {
        description: format!(
            "Bars: median throughput over trials, from zero, on one scale for all steps; dots: \
             the trials. Beside them the median{}.",
            match (figures.has_closed(), figures.has_open()) {
                (true, false) => " and its ratio to the reference",
                (true, true) => {
                    " and, where no clock sets the rate of starts, its ratio to the reference"
                }
                _ => "; the rate of starts was set by a clock",
            }
        ),
        ..plot
    })
}

/// CPU time of the target for each request.
pub(crate) fn cpu<'a>(figures: &'a Figures<'a>) -> Option<Plot<'a>> {
    let metric = Metric {
        median: |of| of.cpu_per_request,
        of_trial: |played| played.step.resources.as_ref()?.cpu_per_request_ns,
        label: |_, summary| number::time(summary.median),
        tick: |ns| {
            if ns == 0.0 {
                "0".to_owned()
            } else {
                number::time_tick(ns)
            }
        },
        axis: "CPU time per request",
    };
    plot(figures, metric, "cpu-per-request", "CPU time per request").map(|plot| Plot {
        description: "User and system time of the target's processes divided by answers. Bars: \
                      median over trials, from zero; dots: the trials. Shorter is cheaper."
            .to_owned(),
        ..plot
    })
}

fn plot<'a>(
    figures: &'a Figures<'a>,
    metric: Metric,
    name: &'static str,
    title: &'static str,
) -> Option<Plot<'a>> {
    let mut rows = Vec::new();
    for (step, row, measured) in figures.measured() {
        let Some(summary) = (metric.median)(measured) else {
            continue;
        };
        let trials = measured.trials.iter().filter_map(metric.of_trial);
        let trials: Vec<String> = trials.map(|value| print(metric, value)).collect();
        let median = print(metric, summary.median);
        rows.push(vec![
            step.title(),
            row.name.clone(),
            median,
            trials.join(", "),
        ]);
    }
    (!rows.is_empty()).then(|| Plot {
        name,
        title,
        subtitle: frame::subtitle(figures),
        description: String::new(),
        columns: vec!["step", "target", "median", "trials"],
        rows,
        draw: Box::new(move |width| draw(figures, metric, width)),
    })
}

fn print(metric: Metric, value: f64) -> String {
    match metric.axis {
        "requests per second" => number::rate(value),
        _ => number::time(value),
    }
}

/// Where things stand in a row.
struct Layout {
    is_narrow: bool,
    /// From where to where bars may reach.
    left: f64,
    right: f64,
    row_height: f64,
    bar_height: f64,
}

fn draw(figures: &Figures, metric: Metric, width: f64) -> Canvas {
    let mut canvas = Canvas::new(width);
    let layout = lay_out(figures, metric, width);
    let largest = figures
        .measured()
        .flat_map(|(_, _, m)| m.trials.iter().filter_map(metric.of_trial))
        .fold(0.0, f64::max);
    let ticks = if layout.is_narrow { 3 } else { 5 };
    let scale = Scale::from_zero(largest, ticks, metric.tick, metric.axis);
    let mut y = 10.0;
    let mut panels = Vec::new();
    for step in &figures.steps {
        y = frame::heading(&mut canvas, step, 0.0, y, width) - 4.0;
        let area = Area {
            left: layout.left,
            right: layout.right,
            top: y,
            bottom: y + layout.row_height * step.rows.len() as f64,
        };
        panels.push((step, area));
        y = area.bottom + 54.0;
    }
    for (_, area) in &panels {
        axis::draw_x(&mut canvas, area, &scale);
    }
    for (step, area) in panels {
        for (index, row) in step.rows.iter().enumerate() {
            let top = area.top + layout.row_height * index as f64;
            draw_row(&mut canvas, (row, metric), (&area, &scale), top, &layout);
        }
    }
    canvas.height = y - 14.0;
    canvas
}

/// Names left of the bars and figures right of them, or both above on a phone.
fn lay_out(figures: &Figures, metric: Metric, width: f64) -> Layout {
    let labels = figures.measured().filter_map(|(_, _, measured)| {
        let label = (metric.label)(measured, (metric.median)(measured)?);
        Some(font::width(&label, TEXT_SIZE, Weight::Regular))
    });
    let label = labels.fold(0.0, f64::max);
    let names = figures.steps.iter().flat_map(|step| &step.rows);
    let names = names.map(|row| font::width(&row.name, TEXT_SIZE, Weight::Regular));
    match frame::is_narrow(width) {
        true => Layout {
            is_narrow: true,
            left: 8.0,
            right: width - 26.0,
            row_height: 42.0,
            bar_height: 14.0,
        },
        false => Layout {
            is_narrow: false,
            left: names.fold(0.0, f64::max).min(240.0) + 12.0,
            right: width - label - 24.0,
            row_height: 30.0,
            bar_height: 18.0,
        },
    }
}

fn draw_row(
    canvas: &mut Canvas,
    (row, metric): (&Row, Metric),
    (area, scale): (&Area, &Scale),
    top: f64,
    layout: &Layout,
) {
    let regular = |ink, anchor| (TEXT_SIZE, ink, anchor, Weight::Regular);
    let middle = match layout.is_narrow {
        true => top + 30.0,
        false => top + layout.row_height / 2.0,
    };
    let (name_at, anchor, label_y) = match layout.is_narrow {
        true => ((area.left, top + 12.0), Anchor::Start, top + 12.0),
        false => ((area.left - 10.0, middle), Anchor::End, middle),
    };
    let summary = row.measured().and_then(metric.median);
    let label = match (&row.outcome, summary) {
        (Outcome::Measured(measured), Some(summary)) => (metric.label)(measured, summary),
        _ => "not measured".to_owned(),
    };
    let label_width = font::width(&label, TEXT_SIZE, Weight::Regular);
    let room = match layout.is_narrow {
        true => area.right - area.left - label_width - 12.0,
        false => area.left - 10.0,
    };
    let name = font::fit(&row.name, TEXT_SIZE, Weight::Regular, room);
    canvas.text(name_at, &name, regular(Ink::Text, anchor));

    let (mut end, half) = (area.left, layout.bar_height / 2.0);
    if let (Some(measured), Some(summary)) = (row.measured(), summary) {
        let to = area.x(scale, summary.median);
        let ink = Ink::Series(row.index);
        canvas.bar((area.left, middle - half), (to, middle + half), ink, 1.0);
        end = to;
        for value in measured.trials.iter().filter_map(metric.of_trial) {
            let x = area.x(scale, value);
            canvas.shapes.push(Shape::Dot {
                centre: (x, middle),
                radius: 3.0,
                ink: Ink::Text,
                opacity: 0.8,
            });
            end = end.max(x + 3.0);
        }
    }
    let ink = if summary.is_some() {
        Ink::Text
    } else {
        Ink::Muted
    };
    match layout.is_narrow {
        true => canvas.text((area.right, label_y), &label, regular(ink, Anchor::End)),
        false => canvas.text((end + 10.0, label_y), &label, regular(ink, Anchor::Start)),
    }
}
