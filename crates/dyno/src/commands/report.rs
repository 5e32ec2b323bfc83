//! `dyno report`: any stored run into any format, also years later.

use dyno_report::{Format, Options};

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
    let text = |format| dyno_report::render(&recording, format, &Options::default());
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

fn charts(
    folder: &std::path::Path,
    recording: &dyno_result::Recording,
    svg: bool,
) -> Result<(), Failure> {
    output::charts(folder, recording, svg, !svg)?;
    screen::talk(&format!("charts: {}", folder.display()));
    Ok(())
}
