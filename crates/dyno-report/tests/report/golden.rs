//! Every text format on one fixed run: a difference is reviewed like code.

use dyno_report::{Format, Options, render};
use dyno_result::Recording;

use crate::fixture;

fn show(recording: &Recording, format: Format) -> String {
    render(recording, format, &Options::default()).unwrap()
}

#[test]
fn terminal() {
    insta::assert_snapshot!(show(&fixture::recording(), Format::Terminal));
}

#[test]
fn terminal_of_a_hundred_columns() {
    let options = Options {
        width: Some(100),
        ..Options::default()
    };
    let page = render(&fixture::recording(), Format::Terminal, &options).unwrap();
    for line in page.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    insta::assert_snapshot!(page);
}

#[test]
fn terminal_of_an_unfinished_run() {
    insta::assert_snapshot!(show(&fixture::unfinished(), Format::Terminal));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(show(&fixture::recording(), Format::Markdown));
}

#[test]
fn csv() {
    insta::assert_snapshot!(show(&fixture::recording(), Format::Csv));
}

#[test]
fn hey() {
    insta::assert_snapshot!(show(&fixture::hit(), Format::Hey));
}

#[test]
fn json_is_the_run_itself() {
    let recording = fixture::recording();
    assert_eq!(show(&recording, Format::Json), recording.run.to_json());
}

#[test]
fn bold_headings_only_where_they_are_wanted() {
    let options = Options {
        color: true,
        ..Options::default()
    };
    let bold = render(&fixture::recording(), Format::Terminal, &options).unwrap();
    assert!(bold.contains("\x1b[1m"));
    assert!(!show(&fixture::recording(), Format::Terminal).contains('\x1b'));
}
