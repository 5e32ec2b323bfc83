//! Shapes as a PNG on white, twice as fine as on screen.

use std::error::Error;

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{RGBAColor, ShapeStyle, TextStyle};

use super::font;
use super::shape::{Anchor, Canvas, Ink, Point, Shape};

/// Pixels of the picture for each of the canvas.
const SCALE: f64 = 2.0;

/// The file's bytes, or what the drawing library says.
pub(crate) fn encode(canvas: &Canvas) -> Result<Vec<u8>, String> {
    let width = (canvas.width * SCALE).ceil() as u32;
    let height = (canvas.height * SCALE).ceil() as u32;
    let mut pixels = vec![255; width as usize * height as usize * 3];
    {
        let mut backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
        for shape in &canvas.shapes {
            draw(&mut backend, shape).map_err(|error| error.to_string())?;
        }
        backend.present().map_err(|error| error.to_string())?;
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels));
    written.map_err(|error| error.to_string())?;
    Ok(file)
}

fn draw(backend: &mut BitMapBackend, shape: &Shape) -> Result<(), Box<dyn Error>> {
    match shape {
        Shape::Line {
            points,
            ink,
            width,
            dash,
        } => {
            let style = ShapeStyle {
                color: colour(*ink, 1.0),
                filled: false,
                stroke_width: (width * SCALE).round() as u32,
            };
            for stroke in strokes(points, dash) {
                backend.draw_path(stroke.into_iter().map(pixel), &style)?;
            }
        }
        Shape::Area {
            points,
            ink,
            opacity,
        } => backend.fill_polygon(points.iter().copied().map(pixel), &colour(*ink, *opacity))?,
        Shape::Dot {
            centre,
            radius,
            ink,
            opacity,
        } => {
            let radius = (radius * SCALE).round() as u32;
            backend.draw_circle(pixel(*centre), radius, &colour(*ink, *opacity), true)?;
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
            let colour = colour(*ink, 1.0);
            let style = TextStyle::from(font::font(size * SCALE, *weight))
                .color(&colour)
                .pos(Pos::new(anchor, VPos::Top));
            // plotters puts the base line half the font's height under the
            // position; it belongs 0.35 em under the middle.
            let at = pixel((*x, y - 0.232 * size));
            backend.draw_text(&crate::text::line(text), &style, at)?;
        }
    }
    Ok(())
}

fn pixel((x, y): Point) -> (i32, i32) {
    ((x * SCALE).round() as i32, (y * SCALE).round() as i32)
}

fn colour(ink: Ink, opacity: f64) -> RGBAColor {
    let (r, g, b) = ink.on_paper();
    RGBAColor(r, g, b, opacity)
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
