//! Renders a stored run into the formats that people asked for.

use std::path::Path;

use dyno_report::{Format, Options};
use dyno_result::Recording;

use crate::failure::Failure;
use crate::run_directory::{RunDirectory, replace};

/// Writes the page, the table and every chart into the folder of the run.
pub(crate) fn pages(directory: &RunDirectory, recording: &Recording) -> Result<(), Failure> {
    let options = Options::default();
    let html = dyno_report::render(recording, Format::Html, &options)?;
    let markdown = dyno_report::render(recording, Format::Markdown, &options)?;
    write(&directory.path().join("report.html"), html.as_bytes())?;
    write(&directory.path().join("report.md"), markdown.as_bytes())?;
    charts(&directory.path().join("charts"), recording, true, true)
}

/// Writes the charts as SVG, PNG or both.
pub(crate) fn charts(
    folder: &Path,
    recording: &Recording,
    svg: bool,
    png: bool,
) -> Result<(), Failure> {
    for chart in dyno_report::charts(recording)? {
        if svg {
            write(
                &folder.join(format!("{}.svg", chart.name)),
                chart.svg.as_bytes(),
            )?;
        }
        if png {
            write(&folder.join(format!("{}.png", chart.name)), &chart.png)?;
        }
    }
    Ok(())
}

/// Writes one file, all or nothing.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    replace(path, bytes).map_err(|error| {
        let message = format!("could not write {}", path.display());
        Failure::dyno(anyhow::Error::new(error).context(message))
    })
}
