//! The charts of a run: which there are, and what each says. Shapes are made
//! by one file a chart; drawing them is left to `draw`, through `svg` and `png`.

mod axis;
mod bars;
mod connect;
mod draw;
mod font;
mod frame;
mod memory;
mod percentiles;
mod png;
mod search;
mod shape;
mod svg;

use crate::Error;
use crate::figures::Figures;

pub(crate) use frame::inline;
use shape::Canvas;

/// Widths, px, at which text is legible on a desk and on a phone.
const WIDE: f64 = 960.0;
const NARROW: f64 = 336.0;

/// A chart to stand alone in an article: white background, title included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Stem of a file name: `throughput`.
    pub name: String,
    /// What is shown.
    pub title: String,
    /// How to read it.
    pub description: String,
    /// The picture as a standalone SVG document.
    pub svg: String,
    /// The same picture as a PNG, twice as fine.
    pub png: Vec<u8>,
}

/// A chart that can be drawn at any width, with its figures as a table.
pub(crate) struct Plot<'a> {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// n and load.
    pub(crate) subtitle: String,
    pub(crate) description: String,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
    draw: Box<dyn Fn(f64) -> Canvas + 'a>,
}

/// The charts that the run has data for.
pub(crate) fn plots<'a>(figures: &'a Figures<'a>) -> Vec<Plot<'a>> {
    let plots = [
        search::plot(figures),
        bars::throughput(figures),
        percentiles::plot(figures),
        bars::cpu(figures),
        memory::plot(figures),
        connect::plot(figures),
    ];
    plots.into_iter().flatten().collect()
}

/// Every chart as a picture of its own.
pub(crate) fn standalone(figures: &Figures) -> Result<Vec<Chart>, Error> {
    let plots = plots(figures).into_iter().map(|plot| {
        let canvas = frame::standalone(&plot, figures);
        let failed = |reason| Error::Chart {
            chart: plot.name.to_owned(),
            reason,
        };
        Ok(Chart {
            name: plot.name.to_owned(),
            title: plot.title.to_owned(),
            svg: svg::standalone(&canvas, plot.title, &plot.description).map_err(failed)?,
            png: png::encode(&canvas).map_err(failed)?,
            description: plot.description.clone(),
        })
    });
    plots.collect()
}
