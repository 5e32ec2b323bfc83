//! What surrounds the panels of a chart: title and source where it stands
//! alone, two widths where it stands in a page, legend and step headings.

use super::font;
use super::shape::{Anchor, Canvas, Ink, Shape, Weight, dash};
use super::{NARROW, Plot, WIDE, svg};
use crate::Error;
use crate::figures::{Figures, StepFigures};
use crate::notes;

/// Size of ordinary text in a chart, px.
pub(crate) const TEXT_SIZE: f64 = 13.0;

/// Width below which a chart is for a phone.
const NARROW_BELOW: f64 = 600.0;

/// Margin around a picture that stands alone, px.
const MARGIN: f64 = 20.0;

pub(crate) fn is_narrow(width: f64) -> bool {
    width < NARROW_BELOW
}

/// The chart for a page: wide and narrow, to be chosen by its style sheet.
pub(crate) fn inline(plot: &Plot) -> Result<(String, String), Error> {
    let draw = |width, kind| {
        let id = format!("chart-{}-{kind}", plot.name);
        let canvas = (plot.draw)(width);
        svg::inline(&canvas, &id, plot.title, &plot.description).map_err(|reason| Error::Chart {
            chart: plot.name.to_owned(),
            reason,
        })
    };
    Ok((draw(WIDE, "wide")?, draw(NARROW, "narrow")?))
}

/// The chart with its title, its load and where it was measured.
pub(crate) fn standalone(plot: &Plot, figures: &Figures) -> Canvas {
    let run = &figures.recording.run;
    let mut canvas = Canvas::new(WIDE + 2.0 * MARGIN);
    let left = MARGIN;
    let mut y = MARGIN + 12.0;
    canvas.text(
        (left, y),
        plot.title,
        (20.0, Ink::Text, Anchor::Start, Weight::Bold),
    );
    y += 25.0;
    let regular = |ink| (TEXT_SIZE, ink, Anchor::Start, Weight::Regular);
    let words = format!("{}. {}", plot.subtitle, plot.description);
    for line in font::wrap(&words, TEXT_SIZE, Weight::Regular, WIDE) {
        canvas.text((left, y), &line, regular(Ink::Muted));
        y += 19.0;
    }
    let body = shifted((plot.draw)(WIDE), MARGIN);
    canvas.add(body, y + 10.0);
    let source = format!(
        "{}. {}. {}.",
        notes::summary(figures).join(", "),
        notes::machine(figures),
        notes::layout(figures)
    );
    let source = format!("{}: {source}", crate::text::line(&run.scenario.name));
    y = canvas.height + 14.0;
    for line in font::wrap(&source, 11.0, Weight::Regular, WIDE) {
        canvas.text(
            (left, y),
            &line,
            (11.0, Ink::Muted, Anchor::Start, Weight::Regular),
        );
        y += 16.0;
    }
    canvas.height = y + MARGIN - 8.0;
    canvas
}

/// The picture moved right by `dx`.
fn shifted(mut canvas: Canvas, dx: f64) -> Canvas {
    for shape in &mut canvas.shapes {
        match shape {
            Shape::Line { points, .. } | Shape::Area { points, .. } => {
                points.iter_mut().for_each(|point| point.0 += dx);
            }
            Shape::Dot { centre, .. } => centre.0 += dx,
            Shape::Text { at, .. } => at.0 += dx,
        }
    }
    canvas
}

/// A step's name and load from `(left, y)`: one line where there is room, else
/// two. Gives where what follows may start.
pub(crate) fn heading(
    canvas: &mut Canvas,
    step: &StepFigures,
    left: f64,
    y: f64,
    width: f64,
) -> f64 {
    let bold = (TEXT_SIZE, Ink::Text, Anchor::Start, Weight::Bold);
    let muted = (TEXT_SIZE, Ink::Muted, Anchor::Start, Weight::Regular);
    let name = font::fit(&step.name, TEXT_SIZE, Weight::Bold, width);
    canvas.text((left, y), &name, bold);
    let name_width = font::width(&name, TEXT_SIZE, Weight::Bold);
    let load_width = font::width(&step.load, TEXT_SIZE, Weight::Regular);
    if name_width + 12.0 + load_width <= width {
        canvas.text((left + name_width + 12.0, y), &step.load, muted);
        return y + 18.0;
    }
    let mut y = y;
    for line in font::wrap(&step.load, TEXT_SIZE, Weight::Regular, width) {
        y += 18.0;
        canvas.text((left, y), &line, muted);
    }
    y + 18.0
}

/// Height that [`heading`] takes.
pub(crate) fn heading_height(step: &StepFigures, width: f64) -> f64 {
    heading(&mut Canvas::default(), step, 0.0, 0.0, width)
}

/// Which line is whose, filled into rows. Gives where what follows may start.
pub(crate) fn legend(canvas: &mut Canvas, series: &[(usize, String)], y: f64) -> f64 {
    let (mut x, mut y) = (0.0, y + 10.0);
    for (index, name) in series {
        let limit = canvas.width - 52.0;
        let name = font::fit(name, TEXT_SIZE, Weight::Regular, limit);
        let width = 42.0 + font::width(&name, TEXT_SIZE, Weight::Regular) + 20.0;
        if x > 0.0 && x + width > canvas.width {
            (x, y) = (0.0, y + 22.0);
        }
        canvas.shapes.push(Shape::Line {
            points: vec![(x, y), (x + 34.0, y)],
            ink: Ink::Series(*index),
            width: 2.0,
            dash: dash(*index),
        });
        canvas.marker((x + 17.0, y), *index);
        let style = (TEXT_SIZE, Ink::Text, Anchor::Start, Weight::Regular);
        canvas.text((x + 42.0, y), &name, style);
        x += width;
    }
    y + 24.0
}

/// n and the number of steps, for a subtitle.
pub(crate) fn subtitle(figures: &Figures) -> String {
    let trials: Vec<usize> = figures.measured().map(|(_, _, m)| m.trials.len()).collect();
    let n = match (trials.iter().min(), trials.iter().max()) {
        (Some(low), Some(high)) if low == high => format!("n = {low}"),
        (Some(low), Some(high)) => format!("n = {low} to {high}"),
        _ => "n = 0".to_owned(),
    };
    let model = match (figures.has_closed(), figures.has_open()) {
        (true, true) => "closed and open model",
        (false, true) => "open model",
        _ => "closed model",
    };
    format!("{n} trials {} at each step, {model}", notes::each(figures))
}
