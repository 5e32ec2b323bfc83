//! Axes: where the ticks stand, what they say, and the grid behind a panel.

use super::font;
use super::shape::{Anchor, Canvas, Ink, Point, Weight};
use crate::number;

/// Size of tick labels, px.
pub(crate) const TICK_SIZE: f64 = 12.0;

/// A range of values on a line, logarithms taken where wanted.
pub(crate) struct Scale {
    low: f64,
    high: f64,
    map: fn(f64) -> f64,
    pub(crate) ticks: Vec<(f64, String)>,
    pub(crate) title: &'static str,
}

/// The inside of a panel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Scale {
    /// From zero to at least `max`, ticks at steps of 1, 2 or 5.
    pub(crate) fn from_zero(
        max: f64,
        ticks: u32,
        print: impl Fn(f64) -> String,
        title: &'static str,
    ) -> Self {
        let max = if max > 0.0 { max } else { 1.0 };
        let step = nice(max / f64::from(ticks));
        let count = (max / step - 1e-9).ceil().max(1.0);
        let all = (0..=count as u32).map(|n| f64::from(n) * step);
        Self {
            low: 0.0,
            high: count * step,
            map: |value| value,
            ticks: all.map(|value| (value, print(value))).collect(),
            title,
        }
    }

    /// Times, ns, logarithmic, widened to steps of 1, 2 or 5.
    pub(crate) fn log_time(min: f64, max: f64, title: &'static str) -> Self {
        let (min, max) = (min.max(1.0), max.max(min.max(1.0) * 1.5));
        let decades = (max / min).log10();
        let (first, last) = (min.log10().floor() as i32, max.log10().ceil() as i32);
        let steps: &[f64] = if decades <= 2.0 {
            &[1.0, 2.0, 5.0]
        } else {
            &[1.0]
        };
        let all: Vec<f64> = (first..=last)
            .flat_map(|power| steps.iter().map(move |step| step * 10f64.powi(power)))
            .collect();
        let below = |value: &f64| *value <= min * 1.0001;
        let low = all.iter().copied().rfind(below).unwrap_or(min);
        let high = all
            .iter()
            .copied()
            .find(|v| *v >= max * 0.9999)
            .unwrap_or(max);
        let inside = all.iter().filter(|v| (low..=high).contains(*v));
        Self {
            low: low.log10(),
            high: high.log10(),
            map: f64::log10,
            ticks: inside.map(|v| (*v, number::time_tick(*v))).collect(),
            title,
        }
    }

    /// Levels of quantiles from 0 up to `max`, each further nine as wide as the
    /// one before.
    pub(crate) fn quantiles(max: f64, title: &'static str) -> Self {
        let levels = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999];
        let ticks = levels.iter().filter(|q| **q <= max + 1e-9);
        Self {
            low: 0.0,
            high: nines(max).max(1.0),
            map: nines,
            ticks: ticks.map(|q| (*q, number::plain(q * 100.0))).collect(),
            title,
        }
    }

    /// Where a value stands between 0 and 1.
    pub(crate) fn at(&self, value: f64) -> f64 {
        ((self.map)(value) - self.low) / (self.high - self.low)
    }

    /// Room that the labels need left of a panel, px.
    pub(crate) fn gutter(&self) -> f64 {
        let widths = self.ticks.iter();
        let widths = widths.map(|(_, label)| font::width(label, TICK_SIZE, Weight::Regular));
        widths.fold(0.0, f64::max) + 8.0
    }
}

impl Area {
    pub(crate) fn x(&self, scale: &Scale, value: f64) -> f64 {
        self.left + scale.at(value) * (self.right - self.left)
    }

    pub(crate) fn y(&self, scale: &Scale, value: f64) -> f64 {
        self.bottom - scale.at(value) * (self.bottom - self.top)
    }

    pub(crate) fn point(&self, x: &Scale, y: &Scale, (at, value): Point) -> Point {
        (self.x(x, at), self.y(y, value))
    }
}

/// Vertical grid lines over the panel, labels under it.
pub(crate) fn draw_x(canvas: &mut Canvas, area: &Area, scale: &Scale) {
    let mut free_from = f64::NEG_INFINITY;
    for (value, label) in &scale.ticks {
        let x = area.x(scale, *value);
        canvas.line(vec![(x, area.top), (x, area.bottom)], Ink::Grid, 1.0);
        let half = font::width(label, TICK_SIZE, Weight::Regular) / 2.0;
        if x - half >= free_from {
            let style = (TICK_SIZE, Ink::Muted, Anchor::Middle, Weight::Regular);
            canvas.text((x, area.bottom + 13.0), label, style);
            free_from = x + half + 4.0;
        }
    }
    let style = (TICK_SIZE, Ink::Muted, Anchor::End, Weight::Regular);
    canvas.text((area.right, area.bottom + 31.0), scale.title, style);
}

/// Horizontal grid lines, labels left of them, the title over the panel.
pub(crate) fn draw_y(canvas: &mut Canvas, area: &Area, scale: &Scale) {
    for (value, label) in &scale.ticks {
        let y = area.y(scale, *value);
        canvas.line(vec![(area.left, y), (area.right, y)], Ink::Grid, 1.0);
        let style = (TICK_SIZE, Ink::Muted, Anchor::End, Weight::Regular);
        canvas.text((area.left - 8.0, y), label, style);
    }
    let style = (TICK_SIZE, Ink::Muted, Anchor::Start, Weight::Regular);
    let at = (area.left - scale.gutter(), area.top - 19.0);
    canvas.text(at, scale.title, style);
}

fn nines(q: f64) -> f64 {
    -(1.0 - q).log10()
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `value`.
fn nice(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    let found = steps.into_iter().find(|step| *step >= value * 0.9999);
    found.unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scale: &Scale, expected: &[&str]) {
        let labels: Vec<_> = scale
            .ticks
            .iter()
            .map(|(_, label)| label.as_str())
            .collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn ticks_are_round_and_cover_the_data() {
        check(
            &Scale::from_zero(31_000.0, 4, number::plain, ""),
            &["0", "10,000", "20,000", "30,000", "40,000"],
        );
        check(
            &Scale::from_zero(0.0, 2, number::plain, ""),
            &["0", "0.5", "1"],
        );
        check(
            &Scale::log_time(70_000.0, 900_000.0, ""),
            &["50 µs", "100 µs", "200 µs", "500 µs", "1 ms"],
        );
        check(
            &Scale::log_time(70_000.0, 2e9, ""),
            &["10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s", "10 s"],
        );
        let scale = Scale::quantiles(0.999, "");
        check(&scale, &["0", "50", "90", "99", "99.9"]);
        assert!((scale.at(0.99) - 2.0 / 3.0).abs() < 1e-9);
    }
}
