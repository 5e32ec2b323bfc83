//! Messages about what `--set` puts over a file, and about the file below it.

use dyno_scenario::{parse_with, print_duration};

use super::{REQUEST, STEP};

/// Each list of settings, followed by what is said about it.
fn page(cases: &[&[&str]]) -> String {
    let text = format!("name = 'x'\nrepaet = 1\n{REQUEST}{STEP}");
    let mut page = String::new();
    for settings in cases {
        let settings: Vec<String> = settings.iter().map(|&one| one.to_owned()).collect();
        let answer = match parse_with("t.toml", &text, &settings) {
            Ok(_) => "no problem".to_owned(),
            Err(problems) => problems.to_string(),
        };
        let answer = answer.replace('\n', "\n=> ");
        page.push_str(&format!("{}\n=> {answer}\n\n", settings.join("\n")));
    }
    page
}

#[test]
fn of_settings() {
    insta::assert_snapshot!(page(&[
        &[],
        &["repeat=0"],
        &["repeat=5", "idle=5"],
        &["repeta=5", "stpe.s.rate=5/s"],
        &["step.t.connections=5"],
        &["step.connections=5"],
        &["step[1].connections=5"],
        &["step.s.conections=[1,2]"],
        &["step.s.connections=[1, 0, x]"],
        &["step.s.rate=500"],
        &["request[0].path=/{{vars.sice}}", "vars.size=5"],
        &["request[0].json={ a = '{{uuidd}}' }"],
        &["repeat", "=5", "name.x=5"],
    ]));
}

#[test]
fn settings_win_over_the_file_and_later_ones_over_earlier() {
    let text = format!("name = 'x'\nidle = '1s'\n{REQUEST}{STEP}");
    let settings = [
        "idle=2s",
        "idle=3s",
        "step.s.connections=[5, 6]",
        "vars.size=[1, 2]",
        "request[0].path=/{{vars.size}}",
    ];
    let settings = settings.map(str::to_owned);
    let scenario = parse_with("t.toml", &text, &settings).unwrap();
    assert_eq!(print_duration(scenario.idle), "3s");
    let ids: Vec<&str> = scenario.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["s-c5", "s-c6"]);
    assert_eq!(scenario.variants.len(), 2);
    assert_eq!(scenario.plan.flows[0].name, "GET /{{vars.size}}");
}

#[test]
fn a_broken_file_is_its_own_fault() {
    let problems = parse_with("t.toml", "name = ", &["repeat=0".to_owned()]).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "t.toml:1:8: unexpected eof encountered"
    );
}
