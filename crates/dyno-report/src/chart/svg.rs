//! Shapes as SVG: alone with colours of paper, or inside a page whose text
//! colour it takes, so that light and dark both work.

use std::fmt::Write as _;

use super::shape::{Anchor, Canvas, Ink, Point, Shape, Weight};

const FONTS: &str = "system-ui, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif";

/// Whose colours text and axes take.
#[derive(Clone, Copy)]
enum Theme {
    Paper,
    Page,
}

/// A document of its own on white.
pub(crate) fn standalone(canvas: &Canvas, title: &str, description: &str) -> String {
    let (width, height) = (canvas.width, canvas.height);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FONTS}\">\n\
         <title>{}</title>\n<desc>{}</desc>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
        escape(title),
        escape(description)
    );
    shapes(&mut svg, canvas, Theme::Paper);
    svg + "</svg>\n"
}

/// An element of a page. `id` is unique in it.
pub(crate) fn inline(canvas: &Canvas, id: &str, title: &str, description: &str) -> String {
    let (width, height) = (canvas.width, canvas.height);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FONTS}\" \
         aria-labelledby=\"{id}-title {id}-desc\">\n\
         <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n",
        escape(title),
        escape(description)
    );
    shapes(&mut svg, canvas, Theme::Page);
    svg + "</svg>\n"
}

fn shapes(svg: &mut String, canvas: &Canvas, theme: Theme) {
    for shape in &canvas.shapes {
        let element = match shape {
            Shape::Line {
                points,
                ink,
                width,
                dash,
            } => {
                let dashes: Vec<String> = dash.iter().map(f64::to_string).collect();
                let dashes = match dashes.is_empty() {
                    true => String::new(),
                    false => format!(" stroke-dasharray=\"{}\"", dashes.join(" ")),
                };
                let (points, stroke) = (coordinates(points), paint("stroke", *ink, 1.0, theme));
                format!(
                    "<polyline points=\"{points}\" fill=\"none\" {stroke} stroke-width=\"{width}\" \
                     stroke-linejoin=\"round\"{dashes}/>"
                )
            }
            Shape::Area {
                points,
                ink,
                opacity,
            } => {
                let fill = paint("fill", *ink, *opacity, theme);
                format!("<polygon points=\"{}\" {fill}/>", coordinates(points))
            }
            Shape::Dot {
                centre: (x, y),
                radius,
                ink,
                opacity,
            } => {
                let fill = paint("fill", *ink, *opacity, theme);
                format!(
                    "<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\" {fill}/>",
                    short(*x),
                    short(*y)
                )
            }
            Shape::Text {
                at: (x, y),
                text,
                size,
                ink,
                anchor,
                weight,
            } => {
                let fill = paint("fill", *ink, 1.0, theme);
                let anchor = match anchor {
                    Anchor::Start => "",
                    Anchor::Middle => " text-anchor=\"middle\"",
                    Anchor::End => " text-anchor=\"end\"",
                };
                let weight = match weight {
                    Weight::Regular => "",
                    Weight::Bold => " font-weight=\"600\"",
                };
                format!(
                    "<text x=\"{}\" y=\"{}\" dy=\"0.35em\" font-size=\"{size}\" {fill}{anchor}{weight}>{}</text>",
                    short(*x),
                    short(*y),
                    escape(text)
                )
            }
        };
        writeln!(svg, "{element}").expect("writing to memory does not fail");
    }
}

/// The attributes of a colour. On a page, axes are the text colour thinned.
fn paint(attribute: &str, ink: Ink, opacity: f64, theme: Theme) -> String {
    let (r, g, b) = ink.on_paper();
    let fixed = format!("#{r:02x}{g:02x}{b:02x}");
    let text = || "currentColor".to_owned();
    let (colour, thin) = match (ink, theme) {
        (Ink::Series(_), _) | (_, Theme::Paper) => (fixed, 1.0),
        (Ink::Text, Theme::Page) => (text(), 1.0),
        (Ink::Muted, Theme::Page) => (text(), 0.75),
        (Ink::Grid, Theme::Page) => (text(), 0.16),
    };
    match opacity * thin {
        1.0 => format!("{attribute}=\"{colour}\""),
        part => format!("{attribute}=\"{colour}\" {attribute}-opacity=\"{part}\""),
    }
}

fn coordinates(points: &[Point]) -> String {
    let points = points
        .iter()
        .map(|(x, y)| format!("{},{}", short(*x), short(*y)));
    points.collect::<Vec<_>>().join(" ")
}

/// A tenth of a pixel is enough.
fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

fn escape(text: &str) -> String {
    crate::text::line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
