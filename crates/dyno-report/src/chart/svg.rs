//! A picture as SVG: alone with colours of paper, or inside a page whose text
//! colour it takes, so that light and dark both work.

use plotters::backend::SVGBackend;
use plotters::style::text_anchor::VPos;
use plotters::style::{FontDesc, FontFamily, FontStyle, RGBAColor};

use super::draw::{Medium, draw};
use super::png::paper;
use super::shape::{Canvas, Ink, Weight};

const FONTS: &str = "system-ui, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif";

/// Stands for the text colour of the page until the picture is drawn.
const PAGE_INK: (u8, u8, u8) = (0x01, 0x02, 0x03);

/// plotters draws on whole units: ten of them a pixel are fine enough.
const SCALE: f64 = 10.0;

/// plotters puts the middle of a small letter at the position; it belongs to
/// the middle of a capital.
const PAPER: Medium = Medium {
    scale: SCALE,
    font,
    text: (VPos::Center, 0.09),
    colour: paper,
};
const PAGE: Medium = Medium {
    colour: page,
    ..PAPER
};

/// A document of its own on white.
pub(crate) fn standalone(
    canvas: &Canvas,
    title: &str,
    description: &str,
) -> Result<String, String> {
    let (width, height) = (canvas.width, canvas.height);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"{}\" role=\"img\" font-family=\"{FONTS}\">\n\
         <title>{}</title>\n<desc>{}</desc>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{}</svg>\n",
        view_box(canvas),
        escape(title),
        escape(description),
        elements(canvas, &PAPER)?
    ))
}

/// An element of a page. `id` is unique in it.
pub(crate) fn inline(
    canvas: &Canvas,
    id: &str,
    title: &str,
    description: &str,
) -> Result<String, String> {
    let (r, g, b) = PAGE_INK;
    let ink = format!("#{r:02X}{g:02X}{b:02X}");
    Ok(format!(
        "<svg viewBox=\"{}\" role=\"img\" font-family=\"{FONTS}\" \
         aria-labelledby=\"{id}-title {id}-desc\">\n\
         <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n{}</svg>\n",
        view_box(canvas),
        escape(title),
        escape(description),
        elements(canvas, &PAGE)?.replace(&ink, "currentColor")
    ))
}

/// What plotters draws, without the document around it.
fn elements(canvas: &Canvas, medium: &Medium) -> Result<String, String> {
    let mut document = String::new();
    let mut backend = SVGBackend::with_string(&mut document, size(canvas));
    draw(&mut backend, canvas, medium)?;
    drop(backend);
    let inside = document
        .split_once(">\n")
        .and_then(|(_, rest)| rest.rsplit_once("</svg>"));
    let (inside, _) = inside.ok_or("the drawing library wrote no SVG document")?;
    // Text takes the fonts of the whole picture.
    Ok(inside.replace(" font-family=\"sans-serif\"", ""))
}

fn size(canvas: &Canvas) -> (u32, u32) {
    let units = |pixels: f64| (pixels * SCALE).ceil() as u32;
    (units(canvas.width), units(canvas.height))
}

fn view_box(canvas: &Canvas) -> String {
    let (width, height) = size(canvas);
    format!("0 0 {width} {height}")
}

/// plotters writes the size divided by 1.24.
fn font(size: f64, weight: Weight) -> FontDesc<'static> {
    let style = match weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    FontDesc::new(FontFamily::SansSerif, size * 1.24, style)
}

/// Axes are the text colour thinned.
fn page(ink: Ink) -> RGBAColor {
    let (r, g, b) = PAGE_INK;
    match ink {
        Ink::Text => RGBAColor(r, g, b, 1.0),
        Ink::Muted => RGBAColor(r, g, b, 0.75),
        Ink::Grid => RGBAColor(r, g, b, 0.16),
        Ink::Series(_) => paper(ink),
    }
}

fn escape(text: &str) -> String {
    crate::text::line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
