//! How wide text is. Measured in DejaVu Sans, which is wider than what most
//! browsers put in its place, so labels never collide there.

use std::sync::Once;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use super::shape::Weight;

const FAMILY: &str = "dyno";

/// plotters sizes a font by ascent plus descent; in DejaVu these are so many em.
const HEIGHT_EM: f64 = 1.164;

/// The font at `size` px an em.
pub(crate) fn font(size: f64, weight: Weight) -> FontDesc<'static> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        let fonts = [
            (FontStyle::Normal, dejavu::sans::regular()),
            (FontStyle::Bold, dejavu::sans::bold()),
        ];
        for (style, bytes) in fonts {
            let registered = register_font(FAMILY, style, bytes);
            assert!(registered.is_ok(), "DejaVu Sans is a font");
        }
    });
    let style = match weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    FontDesc::new(FontFamily::Name(FAMILY), size * HEIGHT_EM, style)
}

/// Width, px.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let size_of = font(size, weight).box_size(text);
    size_of.map_or(0.0, |(width, _)| f64::from(width))
}

/// The text, or as much of it as fits with an ellipsis.
pub(crate) fn fit(text: &str, size: f64, weight: Weight, limit: f64) -> String {
    let length = text.chars().count();
    (1..=length)
        .rev()
        .map(|n| crate::text::shorten(text, n))
        .find(|short| width(short, size, weight) <= limit)
        .unwrap_or_default()
}

/// The text in lines that fit.
pub(crate) fn wrap(text: &str, size: f64, weight: Weight, limit: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, weight) <= limit => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fit(word, size, weight, limit)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_and_wrapped_to_fit() {
        let regular = |text: &str| width(text, 12.0, Weight::Regular);
        let short = fit(
            "a rather long name of a target",
            12.0,
            Weight::Regular,
            80.0,
        );
        assert!(short.ends_with('…') && regular(&short) <= 80.0, "{short}");
        assert_eq!(fit("Go", 12.0, Weight::Regular, 80.0), "Go");
        for line in wrap("some words that need lines", 12.0, Weight::Regular, 80.0) {
            assert!(regular(&line) <= 80.0, "{line}");
        }
    }
}
