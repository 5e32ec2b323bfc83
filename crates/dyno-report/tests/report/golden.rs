//! Every text format on one fixed run: a difference is reviewed like code.

use dyno_report::{Format, Options, Prices, render};
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
fn terminal_of_a_sweep() {
    insta::assert_snapshot!(show(&fixture::swept(), Format::Terminal));
}

#[test]
fn every_format_tells_variants_apart() {
    for format in [Format::Markdown, Format::Html, Format::Csv, Format::Json] {
        let page = show(&fixture::swept(), format);
        assert!(
            page.contains("size-39") && page.contains("size-10240"),
            "{format}"
        );
        assert!(
            !show(&fixture::recording(), format).contains("size-39"),
            "{format}"
        );
    }
    for chart in dyno_report::charts(&fixture::swept()).unwrap() {
        assert!(chart.svg.contains("Go net/http, size-39"), "{}", chart.name);
    }
}

#[test]
fn terminal_of_flows() {
    insta::assert_snapshot!(show(&fixture::flows(), Format::Terminal));
}

#[test]
fn terminal_of_hashes() {
    insta::assert_snapshot!(show(&fixture::hashing(), Format::Terminal));
}

#[test]
fn hashes_stand_beside_their_ceiling_in_every_format() {
    for format in [Format::Terminal, Format::Markdown, Format::Html] {
        let page = show(&fixture::hashing(), format);
        assert!(page.contains("hash-bound ceiling"), "{format}");
        let other = show(&fixture::flows(), format);
        assert!(!other.contains("hash-bound"), "{format}");
    }
    let csv = show(&fixture::hashing(), Format::Csv);
    assert!(
        csv.contains(",hash_ceiling,16.129032258064516,1/s,"),
        "{csv}"
    );
}

#[test]
fn the_reader_can_bring_prices() {
    let prices = "date = \"2031-04-01\"\nsource = \"mine\"\nload = 0.5\nreserve = 0\n\
        [[instance]]\nname = \"shed\"\nvcpus = 1\nmemory = 1\nprice = 0.01\n";
    let options = Options {
        prices: Some(Prices::parse("prices.toml", prices).unwrap()),
        ..Options::default()
    };
    for format in [Format::Terminal, Format::Markdown, Format::Html] {
        let page = render(&fixture::recording(), format, &options).unwrap();
        assert!(
            page.contains("shed") && page.contains("2031-04-01"),
            "{format}"
        );
        assert!(!page.contains("t3.medium"), "{format}");
    }
}

#[test]
fn there_is_no_cost_without_a_capacity() {
    let mut recording = fixture::recording();
    recording.run.layout.shared = true;
    for recording in [recording, fixture::clocked(), fixture::hit()] {
        assert!(!show(&recording, Format::Markdown).contains("USD"));
    }
}

#[test]
fn flows_and_requests_have_figures_of_their_own_in_every_format() {
    for format in [Format::Markdown, Format::Html, Format::Csv] {
        let page = show(&fixture::flows(), format);
        for word in ["sign in", "look around", "login", "GET /news"] {
            assert!(page.contains(word), "{format}: {word}");
        }
        assert!(
            !show(&fixture::recording(), format).contains("sign in"),
            "{format}"
        );
    }
    let csv = show(&fixture::flows(), Format::Csv);
    let row = |line: &&str| line.contains(",sign in,login,failed.check.body,40,1,true");
    assert_eq!(csv.lines().filter(row).count(), 2, "{csv}");
    assert!(csv.contains(",look around,,flow_time_p50,"), "{csv}");
    let page = show(&fixture::flows(), Format::Html);
    let title = "Python http.server, 10,000 requests on 100 connections, sign in: login: \
                 check.body ($.id)";
    assert_eq!(page.matches(title).count(), 2, "one of each trial");
    assert!(page.contains("[secret key]") && !page.contains("<script>["));
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

#[test]
fn terminal_of_an_open_step() {
    insta::assert_snapshot!(show(&fixture::clocked(), Format::Terminal));
}

#[test]
fn hey_of_an_open_step() {
    insta::assert_snapshot!(show(&fixture::clocked_hit(), Format::Hey));
}

#[test]
fn only_what_has_a_closed_step_speaks_of_the_closed_model() {
    for format in [Format::Terminal, Format::Markdown, Format::Html] {
        let page = show(&fixture::clocked(), format);
        assert!(!page.to_lowercase().contains("closed model"), "{format}");
        let words = [
            "service time (from the actual send)",
            "500 starts/s (Poisson) for 10 s",
            "INVALID: Python http.server: send lag p90 1.35 ms is 18 % of response p90",
        ];
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(page.contains(word), "{format}: {word}");
        }
        let closed = show(&fixture::recording(), format);
        assert!(!closed.contains("intended start") && !closed.contains("starts/s"));
    }
    let page = show(&fixture::clocked(), Format::Markdown);
    let faster = "Rust axum answers in 0.511x the time of Go net/http at p99 and in 0.511x at p50";
    assert!(page.contains(faster), "{page}");
    assert!(page.contains("Go net/http answers in 1.96 ms at p99, Python http.server does not"));
    assert!(!page.contains("as many requests per second"));
    let csv = show(&fixture::clocked(), Format::Csv);
    for metric in ["service_p99", "send_lag_p50", "pool_wait_max", ",sent,"] {
        assert!(csv.contains(metric), "{metric}");
    }
}
