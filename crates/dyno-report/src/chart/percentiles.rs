//! The distribution of response times, each further nine as wide as the one
//! before, failures kept in: where they begin, the line ends with a cross.

use dyno_result::Histogram;

use super::Plot;
use super::axis::{self, Area, Scale};
use super::frame;
use super::shape::{Canvas, Ink, Point, Shape, dash};
use crate::figures::{Figures, StepFigures};
use crate::number;

/// Requests that must lie beyond a level for it to be drawn.
const BEYOND: f64 = 10.0;

/// Levels at which a marker helps to follow a line.
const MARKED: &[f64] = &[0.5, 0.9, 0.99, 0.999, 0.9999];

/// Points of a line for each nine.
const POINTS_A_NINE: f64 = 40.0;

/// One target's line in one panel.
struct Curve {
    series: usize,
    points: Vec<Point>,
    markers: Vec<Point>,
    /// Where failures begin, if they do so before the data ends.
    failures_from: Option<Point>,
}

/// One panel for each step.
pub(crate) fn plot<'a>(figures: &'a Figures<'a>) -> Option<Plot<'a>> {
    let curves: Vec<Vec<Curve>> = figures.steps.iter().map(curves).collect();
    if curves.iter().flatten().all(|curve| curve.points.is_empty()) {
        return None;
    }
    let mut rows = Vec::new();
    for (step, row, measured) in figures.measured() {
        let levels = [0.5, 0.9, 0.99, 0.999, 0.9999].map(|q| {
            let value = measured.quantile(q).map(|spread| spread.median);
            number::quantile(value, measured.lost_share())
        });
        let mut cells = vec![step.title(), row.name.clone(), number::count(measured.due)];
        cells.extend(levels);
        rows.push(cells);
    }
    Some(Plot {
        name: "response-time",
        title: "Response time by percentile",
        subtitle: frame::subtitle(figures),
        description: "How long the slowest requests took: at 99, one request in a hundred took \
                      longer. All valid trials merged, both axes logarithmic. A line ends where \
                      fewer than 10 requests are left; a cross marks where failures begin."
            .to_owned(),
        columns: vec![
            "step", "target", "requests", "p50", "p90", "p99", "p99.9", "p99.99",
        ],
        rows,
        draw: Box::new(move |width| draw(figures, &curves, width)),
    })
}

fn curves(step: &StepFigures) -> Vec<Curve> {
    let rows = step.rows.iter();
    let curves = rows.filter_map(|row| {
        let measured = row.measured()?;
        let histogram = measured.merged(|interval| &interval.response);
        let total = measured
            .trials
            .iter()
            .map(|p| p.step.response.total())
            .sum();
        (!histogram.is_empty()).then(|| curve(row.index, total, &histogram))
    });
    curves.collect()
}

/// The quantiles of `total` requests, of which those in `histogram` were right
/// and come first.
fn curve(series: usize, total: u64, histogram: &Histogram) -> Curve {
    let (total, right) = (total.max(histogram.len()) as f64, histogram.len() as f64);
    let end = 1.0 - BEYOND / total;
    let answered = right / total;
    let last = end.min(answered);
    let value = |q: f64| {
        let rank = (q * total).ceil().clamp(1.0, right);
        histogram.value_at_quantile((rank - 0.5) / right) as f64
    };
    let nines = -(1.0 - last).max(1e-12).log10();
    let count = (nines * POINTS_A_NINE).floor().max(0.0) as u32;
    let mut levels: Vec<f64> = (0..=count)
        .map(|n| 1.0 - 10f64.powf(-f64::from(n) / POINTS_A_NINE))
        .collect();
    levels.push(last);
    let at = |q: f64| (q, value(q));
    let is_drawn = last > 0.0;
    Curve {
        series,
        points: levels.into_iter().filter(|_| is_drawn).map(at).collect(),
        markers: MARKED
            .iter()
            .copied()
            .filter(|q| *q <= last)
            .map(at)
            .collect(),
        failures_from: (is_drawn && answered < end).then(|| at(answered)),
    }
}

fn draw(figures: &Figures, curves: &[Vec<Curve>], width: f64) -> Canvas {
    let mut canvas = Canvas::new(width);
    let points = || curves.iter().flatten().flat_map(|curve| &curve.points);
    let (mut low, mut high, mut last) = (f64::INFINITY, 0.0f64, 0.9f64);
    for (q, value) in points() {
        (high, last) = (high.max(*value), last.max(*q));
        // A few lucky requests must not squeeze the rest into a strip.
        low = if *q >= 0.1 { low.min(*value) } else { low };
    }
    let x = Scale::quantiles(last, "percentile of requests");
    let y = Scale::log_time(low, high, "response time");

    let mut named: Vec<(usize, String)> = Vec::new();
    for (_, row, _) in figures.measured() {
        if !named.iter().any(|(index, _)| *index == row.index) {
            named.push((row.index, row.name.clone()));
        }
    }
    named.sort_unstable();
    let mut top = frame::legend(&mut canvas, &named, 0.0);

    let columns = if frame::is_narrow(width) || figures.steps.len() == 1 {
        1
    } else {
        2
    };
    let gap = 32.0;
    let panel_width = (width - gap * (columns - 1) as f64) / columns as f64;
    let steps: Vec<_> = figures.steps.iter().zip(curves).collect();
    for row in steps.chunks(columns) {
        let headings = row
            .iter()
            .map(|(step, _)| frame::heading_height(step, panel_width));
        let heading = headings.fold(0.0, f64::max);
        for (column, (step, curves)) in row.iter().enumerate() {
            let left = column as f64 * (panel_width + gap);
            frame::heading(&mut canvas, step, left, top + 10.0, panel_width);
            let area = Area {
                left: left + y.gutter(),
                right: left + panel_width - 12.0,
                top: top + heading + 30.0,
                bottom: top + heading + 270.0,
            };
            axis::draw_x(&mut canvas, &area, &x);
            axis::draw_y(&mut canvas, &area, &y);
            for curve in *curves {
                draw_curve(&mut canvas, curve, &area, (&x, &y));
            }
        }
        top += heading + 270.0 + 52.0;
    }
    canvas.height = top - 8.0;
    canvas
}

fn draw_curve(canvas: &mut Canvas, curve: &Curve, area: &Area, (x, y): (&Scale, &Scale)) {
    let place = |point: &Point| area.point(x, y, *point);
    let visible = curve.points.iter().filter(|(_, value)| y.at(*value) >= 0.0);
    canvas.shapes.push(Shape::Line {
        points: visible.map(place).collect(),
        ink: Ink::Series(curve.series),
        width: 2.0,
        dash: dash(curve.series),
    });
    for point in &curve.markers {
        canvas.marker(place(point), curve.series);
    }
    if let Some((x, y)) = curve.failures_from.as_ref().map(place) {
        for (dx, dy) in [(6.0, 6.0), (6.0, -6.0)] {
            let stroke = vec![(x - dx, y - dy), (x + dx, y + dy)];
            canvas.line(stroke, Ink::Text, 2.5);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_where_data_or_right_answers_do() {
        let check = |total: u64, last: f64, is_cross: bool| {
            let mut histogram = dyno_result::new_histogram();
            for n in 1..=9_800u64 {
                histogram.record(n * 1_000).unwrap();
            }
            let curve = curve(0, total, &histogram);
            let (q, value) = *curve.points.last().unwrap();
            assert!((q - last).abs() < 1e-9, "{q}");
            assert_eq!(curve.failures_from.is_some(), is_cross);
            // The value at a level counts failures among the requests.
            let expected = last * total as f64 * 1_000.0;
            assert!((value / expected - 1.0).abs() < 0.002, "{value}");
        };
        check(9_800, 1.0 - 10.0 / 9_800.0, false);
        check(10_000, 0.98, true);
        check(19_600, 0.5, true);
    }
}
