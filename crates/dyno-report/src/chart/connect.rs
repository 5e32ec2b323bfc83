//! How long connections took to open, drawn only where some took long: it
//! makes a listen backlog that overflowed visible.

use dyno_result::{FIRST_RETRY_NS, Histogram};

use super::axis::{self, Area, Scale};
use super::frame::{self, TEXT_SIZE};
use super::shape::{Anchor, Canvas, Ink, Shape, Weight};
use super::{Plot, font};
use crate::figures::{Figures, StepFigures};
use crate::number;

/// Slowest connection from which the chart is worth its room, ns.
const WORTH_NS: u64 = 100_000_000;

/// When Linux sends a SYN again: after one second, then two more, then four.
const RETRANSMITS: &[(f64, &str)] = &[(1e9, "1st SYN retransmit"), (3e9, "2nd"), (7e9, "3rd")];

/// Height of a row, px: on a desk, on a phone.
const ROW: (f64, f64) = (30.0, 44.0);

/// One target at one step.
struct Strip {
    series: usize,
    name: String,
    opened: Histogram,
}

/// A strip for each target of each step.
pub(crate) fn plot<'a>(figures: &'a Figures<'a>) -> Option<Plot<'a>> {
    let slowest = figures
        .measured()
        .filter_map(|(_, _, m)| m.slowest_connect())
        .max()?;
    if slowest < WORTH_NS {
        return None;
    }
    let panels: Vec<(&StepFigures, Vec<Strip>)> = figures
        .steps
        .iter()
        .map(|step| (step, strips(step)))
        .filter(|(_, strips)| !strips.is_empty())
        .collect();
    let mut rows = Vec::new();
    for (step, strips) in &panels {
        for strip in strips {
            let of = &strip.opened;
            let time = |ns: u64| number::time(ns as f64);
            rows.push(vec![
                step.title(),
                strip.name.clone(),
                number::count(of.len()),
                time(of.value_at_quantile(0.5)),
                time(of.value_at_quantile(0.99)),
                time(of.max()),
                number::count(of.count_between(FIRST_RETRY_NS, of.max().max(FIRST_RETRY_NS))),
            ]);
        }
    }
    (!panels.is_empty()).then(|| Plot {
        name: "connect-time",
        title: "Time to open a connection",
        subtitle: frame::subtitle(figures),
        description: "Line: from the fastest to the slowest connection of all valid trials; dot: \
                      median; diamond: 99th percentile. Logarithmic. When a listen backlog is \
                      full, Linux drops the SYN and it is sent again after 1, 3 and 7 seconds."
            .to_owned(),
        columns: vec![
            "step",
            "target",
            "opened",
            "p50",
            "p99",
            "slowest",
            "1 s and more",
        ],
        rows,
        draw: Box::new(move |width| draw(&panels, width)),
    })
}

fn strips(step: &StepFigures) -> Vec<Strip> {
    let strips = step.rows.iter().filter_map(|row| {
        let opened = row.measured()?.merged(|interval| &interval.connect);
        (!opened.is_empty()).then(|| Strip {
            series: row.index,
            name: row.name.clone(),
            opened,
        })
    });
    strips.collect()
}

fn draw(panels: &[(&StepFigures, Vec<Strip>)], width: f64) -> Canvas {
    let mut canvas = Canvas::new(width);
    let is_narrow = frame::is_narrow(width);
    let strips = || panels.iter().flat_map(|(_, strips)| strips);
    let fastest = strips().map(|s| s.opened.min()).min().unwrap_or(1);
    let slowest = strips().map(|s| s.opened.max()).max().unwrap_or(1);
    let scale = Scale::log_time(fastest as f64, slowest as f64, "time to open a connection");
    let names = strips().map(|s| font::width(&s.name, TEXT_SIZE, Weight::Regular));
    let gutter = names.fold(0.0, f64::max).min(240.0) + 16.0;
    let row = if is_narrow { ROW.1 } else { ROW.0 };
    let mut y = 10.0;
    for (step, strips) in panels {
        y = frame::heading(&mut canvas, step, 0.0, y, width) + 12.0;
        let area = Area {
            left: if is_narrow { 12.0 } else { gutter },
            right: width - if is_narrow { 22.0 } else { 110.0 },
            top: y,
            bottom: y + row * strips.len() as f64,
        };
        axis::draw_x(&mut canvas, &area, &scale);
        mark_retransmits(&mut canvas, (&area, &scale), slowest as f64);
        for (index, strip) in strips.iter().enumerate() {
            let top = area.top + row * index as f64;
            draw_strip(&mut canvas, strip, (&area, &scale), top, is_narrow);
        }
        y = area.bottom + 54.0;
    }
    canvas.height = y - 12.0;
    canvas
}

/// Lines where retransmissions arrive, as far as there are such slow connections.
fn mark_retransmits(canvas: &mut Canvas, (area, scale): (&Area, &Scale), slowest: f64) {
    for (at, label) in RETRANSMITS.iter().filter(|(at, _)| *at <= slowest) {
        let x = area.x(scale, *at);
        canvas.shapes.push(Shape::Line {
            points: vec![(x, area.top - 4.0), (x, area.bottom)],
            ink: Ink::Muted,
            width: 1.0,
            dash: &[3.0, 3.0],
        });
        if *at == RETRANSMITS[0].0 {
            let style = (11.0, Ink::Muted, Anchor::End, Weight::Regular);
            canvas.text((x + 4.0, area.top - 11.0), label, style);
        }
    }
}

fn draw_strip(
    canvas: &mut Canvas,
    strip: &Strip,
    (area, scale): (&Area, &Scale),
    top: f64,
    is_narrow: bool,
) {
    let of = &strip.opened;
    let at = |ns: u64| area.x(scale, ns as f64);
    let ink = Ink::Series(strip.series);
    let middle = top + if is_narrow { 32.0 } else { ROW.0 / 2.0 };
    let label = format!("max {}", number::time(of.max() as f64));
    let text = |ink, anchor| (TEXT_SIZE, ink, anchor, Weight::Regular);
    if is_narrow {
        // On the left, where no retransmission line crosses it.
        let room = area.right - area.left;
        let words = format!("{}, {label}", strip.name);
        let words = font::fit(&words, TEXT_SIZE, Weight::Regular, room);
        canvas.text(
            (area.left, top + 13.0),
            &words,
            text(Ink::Text, Anchor::Start),
        );
    } else {
        let name = font::fit(&strip.name, TEXT_SIZE, Weight::Regular, area.left - 16.0);
        canvas.text(
            (area.left - 14.0, middle),
            &name,
            text(Ink::Text, Anchor::End),
        );
        let at = (at(of.max()) + 10.0, middle);
        canvas.text(at, &label, text(Ink::Text, Anchor::Start));
    }
    let (from, to) = (at(of.min()), at(of.max()));
    canvas.bar((from, middle - 2.0), (to, middle + 2.0), ink, 0.75);
    canvas.bar((to - 1.5, middle - 6.0), (to + 1.5, middle + 6.0), ink, 1.0);
    canvas.dot((at(of.value_at_quantile(0.5)), middle), 5.0, ink);
    canvas.diamond((at(of.value_at_quantile(0.99)), middle), ink);
}
