//! A picture as PNG, on white, twice as fine as on screen.

use plotters::backend::BitMapBackend;
use plotters::style::RGBAColor;
use plotters::style::text_anchor::VPos;

use super::draw::{Medium, draw};
use super::font;
use super::shape::{Canvas, Ink};

/// plotters puts the base line half the font's height under the position; it
/// belongs 0.35 em under the middle.
const MEDIUM: Medium = Medium {
    scale: 2.0,
    font: font::font,
    text: (VPos::Top, -0.232),
    colour: paper,
};

/// The file's bytes, or what the drawing library says.
pub(crate) fn encode(canvas: &Canvas) -> Result<Vec<u8>, String> {
    let width = (canvas.width * MEDIUM.scale).ceil() as u32;
    let height = (canvas.height * MEDIUM.scale).ceil() as u32;
    let mut pixels = vec![255; width as usize * height as usize * 3];
    let mut backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
    draw(&mut backend, canvas, &MEDIUM)?;
    drop(backend);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Best);
    encoder.set_filter(png::FilterType::Up);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels));
    written.map_err(|error| error.to_string())?;
    Ok(file)
}

/// The colour on white paper.
pub(crate) fn paper(ink: Ink) -> RGBAColor {
    let (r, g, b) = ink.on_paper();
    RGBAColor(r, g, b, 1.0)
}
