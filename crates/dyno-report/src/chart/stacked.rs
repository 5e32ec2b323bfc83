//! Where the time goes: a bar for each target and step, of the parts of the mean
//! service time of its answers, from zero.

use super::axis::{self, Area, Scale};
use super::frame::{self, TEXT_SIZE};
use super::shape::{Anchor, Canvas, Ink, Weight};
use super::{Plot, font};
use crate::attribution::{self, Split, TITLES};
use crate::figures::{Figures, StepFigures};
use crate::number;
use crate::table::share;

/// Room between two parts, px: they are told apart without colour.
const GAP: f64 = 1.5;

/// Height of a row, px: on a desk, on a phone.
const ROW: (f64, f64) = (30.0, 42.0);

/// The parts of every target whose answers tell their times.
pub(crate) fn plot<'a>(figures: &'a Figures<'a>) -> Option<Plot<'a>> {
    let panels: Vec<(&StepFigures, Vec<Split>)> = figures
        .steps
        .iter()
        .map(|step| (step, attribution::targets(step)))
        .filter(|(_, splits)| !splits.is_empty())
        .collect();
    let mut rows = Vec::new();
    for (step, splits) in &panels {
        for split in splits {
            let mut row = vec![
                step.title(),
                split.name.clone(),
                number::time(split.mean_ns),
            ];
            let parts = split.parts.iter();
            row.extend(
                parts.map(|part| format!("{} ({})", number::time(part.mean_ns), share(part))),
            );
            rows.push(row);
        }
    }
    (!panels.is_empty()).then(|| Plot {
        name: "where-the-time-goes",
        title: "Where the time goes",
        subtitle: frame::subtitle(figures),
        description: "Bars: mean service time of right answers, from zero, each step on its own \
                      scale, in the parts that the target tells in its Server-Timing field; \
                      outside is what it does not see. Beside them the mean and the largest part."
            .to_owned(),
        columns: ["step", "target", "mean"]
            .into_iter()
            .chain(TITLES)
            .collect(),
        rows,
        draw: Box::new(move |width| draw(&panels, width)),
    })
}

fn draw(panels: &[(&StepFigures, Vec<Split>)], width: f64) -> Canvas {
    let mut canvas = Canvas::new(width);
    let is_narrow = frame::is_narrow(width);
    let splits = || panels.iter().flat_map(|(_, splits)| splits);
    let widest = |text: &dyn Fn(&Split) -> String| {
        let widths = splits().map(|split| font::width(&text(split), TEXT_SIZE, Weight::Regular));
        widths.fold(0.0, f64::max)
    };
    let (left, right) = match is_narrow {
        true => (8.0, width - 26.0),
        false => (
            widest(&|split| split.name.clone()).min(240.0) + 12.0,
            width - widest(&label) - 24.0,
        ),
    };
    let mut y = legend(&mut canvas, 0.0);
    for (step, splits) in panels {
        y = frame::heading(&mut canvas, step, 0.0, y + 10.0, width) - 4.0;
        let height = if is_narrow { ROW.1 } else { ROW.0 };
        let area = Area {
            left,
            right,
            top: y,
            bottom: y + height * splits.len() as f64,
        };
        let largest = splits.iter().map(|split| split.mean_ns).fold(0.0, f64::max);
        let ticks = if is_narrow { 3 } else { 5 };
        let scale = Scale::from_zero(largest, ticks, tick, "mean service time");
        axis::draw_x(&mut canvas, &area, &scale);
        for (index, split) in splits.iter().enumerate() {
            let top = area.top + height * index as f64;
            draw_row(&mut canvas, split, (&area, &scale), top, is_narrow);
        }
        y = area.bottom + 54.0;
    }
    canvas.height = y - 14.0;
    canvas
}

fn draw_row(
    canvas: &mut Canvas,
    split: &Split,
    (area, scale): (&Area, &Scale),
    top: f64,
    is_narrow: bool,
) {
    let style = |anchor| (TEXT_SIZE, Ink::Text, anchor, Weight::Regular);
    let (middle, half) = match is_narrow {
        true => (top + 30.0, 7.0),
        false => (top + ROW.0 / 2.0, 9.0),
    };
    let label = label(split);
    let label_width = font::width(&label, TEXT_SIZE, Weight::Regular);
    let room = match is_narrow {
        true => area.right - area.left - label_width - 12.0,
        false => area.left - 10.0,
    };
    let name = font::fit(&split.name, TEXT_SIZE, Weight::Regular, room);
    let mut before = 0.0;
    for (index, part) in split.parts.iter().enumerate() {
        let from = area.x(scale, before);
        before += part.mean_ns;
        let to = area.x(scale, before);
        let inside = if to - from > 3.0 * GAP { to - GAP } else { to };
        if to > from {
            let ink = Ink::Series(index);
            canvas.bar((from, middle - half), (inside, middle + half), ink, 1.0);
        }
    }
    match is_narrow {
        true => {
            canvas.text((area.left, top + 12.0), &name, style(Anchor::Start));
            canvas.text((area.right, top + 12.0), &label, style(Anchor::End));
        }
        false => {
            canvas.text((area.left - 10.0, middle), &name, style(Anchor::End));
            let end = area.x(scale, before);
            canvas.text((end + 10.0, middle), &label, style(Anchor::Start));
        }
    }
}

/// `51.2 ms, 94.1 % hash`.
fn label(split: &Split) -> String {
    let parts = split.parts.iter().zip(TITLES);
    let largest = parts.max_by(|(a, _), (b, _)| a.mean_ns.total_cmp(&b.mean_ns));
    let mean = number::time(split.mean_ns);
    match largest {
        Some((part, title)) => format!("{mean}, {} {title}", share(part)),
        None => mean,
    }
}

fn tick(ns: f64) -> String {
    match ns {
        0.0 => "0".to_owned(),
        ns => number::time_tick(ns),
    }
}

/// Which colour is which part, in the order of the bars. Gives where what follows
/// may start.
fn legend(canvas: &mut Canvas, y: f64) -> f64 {
    let (mut x, mut y) = (0.0, y + 10.0);
    for (index, title) in TITLES.iter().enumerate() {
        let width = 22.0 + font::width(title, TEXT_SIZE, Weight::Regular) + 20.0;
        if x > 0.0 && x + width > canvas.width {
            (x, y) = (0.0, y + 22.0);
        }
        canvas.bar((x, y - 7.0), (x + 14.0, y + 7.0), Ink::Series(index), 1.0);
        let style = (TEXT_SIZE, Ink::Text, Anchor::Start, Weight::Regular);
        canvas.text((x + 22.0, y), title, style);
        x += width;
    }
    y + 24.0
}
