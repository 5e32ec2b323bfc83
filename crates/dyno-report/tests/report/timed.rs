//! Where the time goes, in every format. With `DYNO_REPORT_OUT=<folder>` the page and
//! the chart are also written there, to be looked at.

use dyno_report::{Format, Options, charts, render};

use crate::fixture;

fn show(format: Format) -> String {
    render(&fixture::timed(), format, &Options::default()).unwrap()
}

/// From the first line with `from` to the first one after it with `to`.
fn between(page: &str, from: &str, to: &str) -> String {
    let lines = page.lines().skip_while(|line| !line.contains(from));
    let lines = lines.take_while(|line| !line.contains(to));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn terminal_of_where_the_time_goes() {
    let page = show(Format::Terminal);
    insta::assert_snapshot!(between(&page, "Where the time goes", "CPU/request"));
    let options = Options {
        width: Some(100),
        ..Options::default()
    };
    let page = render(&fixture::timed(), Format::Terminal, &options).unwrap();
    for line in page.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn markdown_of_where_the_time_goes() {
    let page = show(Format::Markdown);
    insta::assert_snapshot!(between(
        &page,
        "### Where the time goes",
        "## Before you quote"
    ));
}

#[test]
fn csv_of_where_the_time_goes() {
    let page = show(Format::Csv);
    let told = |line: &&str| line.contains(",time_") || line.contains(",database_");
    let of = |what: &'static str| {
        let rows = page
            .lines()
            .filter(told)
            .filter(move |row| row.contains(what));
        rows.collect::<Vec<_>>()
    };
    // Each request of each trial has the same rows as the whole step.
    assert_eq!(
        of(",greet-go,stock,,10000-requests,sign in,me,").len(),
        2 * 33
    );
    assert_eq!(of(",greet-rust,"), [""; 0]);
    let rows = of(",1,1,greet-go,stock,,10000-requests,,,");
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn page_of_where_the_time_goes() {
    let page = show(Format::Html);
    insta::assert_snapshot!(between(
        &page,
        "<table class=\"steps time\">",
        "<table class=\"steps price\">"
    ));
    // Wide and narrow, in colours of its own on light and dark paper alike.
    let chart = between(&page, "<figure id=\"where-the-time-goes\">", "</figure>");
    for word in [
        "chart-where-the-time-goes-wide",
        "chart-where-the-time-goes-narrow",
        "currentColor",
    ] {
        assert!(chart.contains(word), "{word}");
    }
    assert!(!show(Format::Html).contains("Where the time goes</caption>\n<caption>"));
}

#[test]
fn what_tells_no_times_has_no_table_and_no_chart() {
    let recording = fixture::flows();
    for format in [
        Format::Terminal,
        Format::Markdown,
        Format::Html,
        Format::Csv,
    ] {
        let page = render(&recording, format, &Options::default()).unwrap();
        assert!(
            !page.contains("Where the time goes") && !page.contains("time_answers"),
            "{format}"
        );
    }
    let has = |recording| {
        let charts = charts(recording).unwrap();
        charts
            .iter()
            .any(|chart| chart.name == "where-the-time-goes")
    };
    assert!(!has(&recording));
    assert!(has(&fixture::timed()));
}

#[test]
fn the_pictures_can_be_looked_at() {
    let Some(folder) = std::env::var_os("DYNO_REPORT_OUT") else {
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    std::fs::write(folder.join("timed.html"), show(Format::Html)).unwrap();
    for chart in charts(&fixture::timed()).unwrap() {
        std::fs::write(folder.join(format!("timed-{}.png", chart.name)), chart.png).unwrap();
    }
}
