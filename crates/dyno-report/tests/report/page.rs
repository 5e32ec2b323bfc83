//! The page and the charts: self-contained, escaped, the same every time.
//! With `DYNO_REPORT_OUT=<folder>` they are also written there, to be looked at.

use std::path::PathBuf;

use dyno_report::{Format, Options, charts, render};
use dyno_result::Recording;

use crate::fixture;

fn page(recording: &Recording) -> String {
    render(recording, Format::Html, &Options::default()).unwrap()
}

#[test]
fn the_page_needs_nothing_else() {
    let page = page(&fixture::recording());
    for word in ["src=", "href=", "url(", "@import", "<script", "<link"] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.len() < 600_000, "{} bytes", page.len());
}

#[test]
fn ids_are_unique_and_references_have_their_end() {
    let page = page(&fixture::recording());
    let after = |key: &str| {
        let parts = page.split(key).skip(1);
        parts
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let mut ids = after(" id=\"");
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for references in after("aria-labelledby=\"") {
        for reference in references.split(' ') {
            assert!(ids.iter().any(|id| id == reference), "{reference}");
        }
    }
}

#[test]
fn an_old_run_gives_the_same_page() {
    assert_eq!(page(&fixture::recording()), page(&fixture::recording()));
    let pictures = || charts(&fixture::recording()).unwrap();
    assert_eq!(pictures(), pictures());
}

#[test]
fn hostile_names_stay_text() {
    let recording = fixture::hostile();
    for format in [
        Format::Html,
        Format::Markdown,
        Format::Terminal,
        Format::Csv,
        Format::Hey,
    ] {
        let text = render(&recording, format, &Options::default()).unwrap();
        assert!(!text.contains('\x1b'), "{format}");
        assert!(!text.contains('\u{202e}'), "{format}");
    }
    let html = page(&recording);
    assert!(!html.contains("<script"));
    assert!(html.contains("&lt;script&gt;") || html.contains("&#60;script&#62;"));

    let markdown = render(&recording, Format::Markdown, &Options::default()).unwrap();
    let outside = markdown.split("```").next().unwrap();
    assert!(!outside.contains("<script") && !outside.contains("@you"));
    for table in markdown.split("\n\n").filter(|part| part.starts_with('|')) {
        let widths = table.lines();
        let widths: Vec<_> = widths
            .map(|line| line.replace("\\|", "").matches('|').count())
            .collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}");
    }

    let csv = render(&recording, Format::Csv, &Options::default()).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    for row in reader.records() {
        for cell in &row.unwrap() {
            assert!(!cell.starts_with(['=', '+', '@']), "{cell}");
        }
    }

    for chart in charts(&recording).unwrap() {
        assert!(!chart.svg.contains("<script") && !chart.svg.contains('\x1b'));
    }
}

#[test]
fn runs_without_figures_have_a_page_too() {
    let page = page(&fixture::unfinished());
    assert!(page.contains("UNFINISHED") && page.contains("not measured"));
    assert!(charts(&fixture::unfinished()).unwrap().is_empty());
}

#[test]
fn charts_stand_alone() {
    let charts = charts(&fixture::recording()).unwrap();
    let names: Vec<_> = charts.iter().map(|chart| chart.name.as_str()).collect();
    let expected = [
        "throughput",
        "response-time",
        "cpu-per-request",
        "memory",
        "connect-time",
    ];
    assert_eq!(names, expected);
    for chart in charts {
        assert!(chart.svg.contains("<title>") && chart.svg.contains("<desc>"));
        assert!(!chart.svg.contains("currentColor") && !chart.svg.contains("NaN"));
        assert!(chart.png.starts_with(b"\x89PNG"));
    }
}

#[test]
fn without_slow_connections_there_is_no_chart_of_them() {
    let mut recording = fixture::recording();
    recording.run.targets.remove(1);
    let charts = charts(&recording).unwrap();
    assert!(charts.iter().all(|chart| chart.name != "connect-time"));
}

#[test]
fn pictures_to_look_at() {
    let Some(folder) = std::env::var_os("DYNO_REPORT_OUT").map(PathBuf::from) else {
        return;
    };
    let recording = fixture::recording();
    std::fs::write(folder.join("report.html"), page(&recording)).unwrap();
    std::fs::write(folder.join("hostile.html"), page(&fixture::hostile())).unwrap();
    for chart in charts(&recording).unwrap() {
        std::fs::write(folder.join(format!("{}.png", chart.name)), chart.png).unwrap();
        std::fs::write(folder.join(format!("{}.svg", chart.name)), chart.svg).unwrap();
    }
}
