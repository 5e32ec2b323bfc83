//! `dyno report`: any stored run into any format, also years later.

use std::path::Path;

use dyno_report::{Format, Options, Prices};

use crate::args::{Report, ReportFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::run_directory::RunDirectory;
use crate::{output, screen};

/// Renders a stored run.
pub(crate) fn run(args: &Report) -> Result<Exit, Failure> {
    let directory = RunDirectory::open(&args.run);
    let recording = directory.read().map_err(|error| {
        let message = format!("{}: {:#}", args.run.display(), anyhow::Error::new(error));
        Failure::input(message, "give the folder of a run, e.g. one of results/")
    })?;
    let folder = args.output.as_deref().unwrap_or(directory.path());
    let options = Options {
        prices: args.prices.as_deref().map(prices).transpose()?,
        ..Options::default()
    };
    let text = |format| dyno_report::render(&recording, format, &options);
    match args.format {
        ReportFormat::Terminal => screen::data(&text(Format::Terminal)?),
        ReportFormat::Markdown => screen::data(&text(Format::Markdown)?),
        ReportFormat::Csv => screen::data(&text(Format::Csv)?),
        ReportFormat::Json => screen::data(&text(Format::Json)?),
        ReportFormat::Html => {
            let path = folder.join("report.html");
            output::write(&path, text(Format::Html)?.as_bytes())?;
            screen::talk(&format!("page: {}", path.display()));
        }
        ReportFormat::Svg => charts(&folder.join("charts"), &recording, true)?,
        ReportFormat::Png => charts(&folder.join("charts"), &recording, false)?,
    }
    Ok(Exit::Done)
}

/// A price table of the reader's own.
fn prices(path: &Path) -> Result<Prices, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let hint = "give a file as crates/dyno-report/prices.toml, with --prices FILE";
        Failure::input(format!("could not read {name}: {error}"), hint)
    })?;
    Ok(Prices::parse(&name, &text)?)
}

fn charts(folder: &Path, recording: &dyno_result::Recording, svg: bool) -> Result<(), Failure> {
    output::charts(folder, recording, svg, !svg)?;
    screen::talk(&format!("charts: {}", folder.display()));
    Ok(())
}
