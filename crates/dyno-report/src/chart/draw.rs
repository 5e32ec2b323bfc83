//! Shapes drawn by plotters, on whatever it can draw on.

use plotters::backend::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, RGBAColor, ShapeStyle, TextStyle};

use super::shape::{Anchor, Canvas, Ink, Point, Shape, Weight};

/// How one kind of picture differs from another.
pub(crate) struct Medium {
    /// Units of the picture for each pixel of the canvas.
    pub(crate) scale: f64,
    /// The font at a size in units of the picture.
    pub(crate) font: fn(f64, Weight) -> FontDesc<'static>,
    /// Which part of a text stands at its position, and how far below the
    /// canvas's middle that is, em.
    pub(crate) text: (VPos, f64),
    /// The colour of an ink.
    pub(crate) colour: fn(Ink) -> RGBAColor,
}

/// Draws every shape, in order.
pub(crate) fn draw<B: DrawingBackend>(
    backend: &mut B,
    canvas: &Canvas,
    medium: &Medium,
) -> Result<(), String> {
    for shape in &canvas.shapes {
        draw_one(backend, shape, medium)?;
    }
    backend.present().map_err(words)
}

fn draw_one<B: DrawingBackend>(
    backend: &mut B,
    shape: &Shape,
    medium: &Medium,
) -> Result<(), String> {
    let scale = medium.scale;
    let at = |(x, y): Point| ((x * scale).round() as i32, (y * scale).round() as i32);
    match shape {
        Shape::Line {
            points,
            ink,
            width,
            dash,
        } => {
            let style = ShapeStyle {
                color: (medium.colour)(*ink),
                filled: false,
                stroke_width: (width * scale).round() as u32,
            };
            for stroke in strokes(points, dash) {
                backend
                    .draw_path(stroke.into_iter().map(at), &style)
                    .map_err(words)?;
            }
        }
        Shape::Area {
            points,
            ink,
            opacity,
        } => {
            let colour = thinned((medium.colour)(*ink), *opacity);
            let points = points.iter().copied().map(at);
            backend.fill_polygon(points, &colour).map_err(words)?;
        }
        Shape::Dot {
            centre,
            radius,
            ink,
            opacity,
        } => {
            let colour = thinned((medium.colour)(*ink), *opacity);
            let radius = (radius * scale).round() as u32;
            backend
                .draw_circle(at(*centre), radius, &colour, true)
                .map_err(words)?;
        }
        Shape::Text {
            at: (x, y),
            text,
            size,
            ink,
            anchor,
            weight,
        } => {
            let anchor = match anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let (part, below) = medium.text;
            let colour = (medium.colour)(*ink);
            let style = TextStyle::from((medium.font)(size * scale, *weight))
                .color(&colour)
                .pos(Pos::new(anchor, part));
            let text = crate::text::line(text);
            backend
                .draw_text(&text, &style, at((*x, y + below * size)))
                .map_err(words)?;
        }
    }
    Ok(())
}

fn words(error: impl std::error::Error) -> String {
    error.to_string()
}

fn thinned(colour: RGBAColor, opacity: f64) -> RGBAColor {
    RGBAColor(colour.0, colour.1, colour.2, colour.3 * opacity)
}

/// The line cut into strokes by its dash pattern.
fn strokes(points: &[Point], dash: &[f64]) -> Vec<Vec<Point>> {
    if dash.is_empty() {
        return vec![points.to_vec()];
    }
    let mut strokes = Vec::new();
    let (mut piece, mut left, mut index) = (Vec::new(), dash[0], 0);
    piece.extend(points.first());
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            if length <= left {
                left -= length;
                piece.push(to);
                break;
            }
            let part = left / length;
            from = (
                from.0 + (to.0 - from.0) * part,
                from.1 + (to.1 - from.1) * part,
            );
            piece.push(from);
            if index % 2 == 0 {
                strokes.push(std::mem::take(&mut piece));
            }
            piece = vec![from];
            index += 1;
            left = dash[index % dash.len()];
        }
    }
    if index % 2 == 0 {
        strokes.push(piece);
    }
    strokes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_run_on_over_the_corners_of_a_line() {
        let line = [(0.0, 0.0), (3.0, 0.0), (10.0, 0.0)];
        let seen = strokes(&line, &[4.0, 2.0]);
        assert_eq!(
            seen,
            [
                vec![(0.0, 0.0), (3.0, 0.0), (4.0, 0.0)],
                vec![(6.0, 0.0), (10.0, 0.0)]
            ]
        );
        assert_eq!(strokes(&line, &[]), [line.to_vec()]);
    }
}
