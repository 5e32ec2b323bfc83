//! Every message about a scenario file, read as one page.
//!
//! A change of the page is reviewed like code: `INSTA_UPDATE=always cargo test
//! -p dyno-scenario --test problems` writes it, `git diff` shows it.

#[path = "problems/flows.rs"]
mod flows;
#[path = "problems/settings.rs"]
mod settings;

use dyno_scenario::parse;

const REQUEST: &str = "[[request]]\npath = '/'\n";
const STEP: &str = "[[step]]\nname = 's'\nrequests = 1\nconnections = 1\n";

/// Each text, followed by what is said about it.
fn page(texts: impl IntoIterator<Item = String>) -> String {
    let mut page = String::new();
    for text in texts {
        let answer = match parse("t.toml", &text) {
            Ok(_) => "no problem".to_owned(),
            Err(problems) => problems.to_string(),
        };
        let answer = answer.replace('\n', "\n=> ");
        page.push_str(&format!("{}\n=> {answer}\n\n", text.trim_end()));
    }
    page
}

#[test]
fn of_the_file() {
    let texts = [
        "",
        "name = ",
        "name = greet",
        "name = 'x'\nname = 'y'",
        "nmae = 'x'\n[[requests]]\n[[steps]]",
        "name = 'x'\n[request]\npath = '/'\n[step]\nname = 's'",
        "name = 'x'\nrequest = []\nstep = []",
        "name = 'x'\nrequest = 5\nstep = ['s']",
    ];
    insta::assert_snapshot!(page(texts.map(str::to_owned)));
}

#[test]
fn of_the_top() {
    let tops = [
        "name = ''",
        "name = 'My Scenario'",
        "name = 5",
        "name = 'x'\ncontract = 'greet'",
        "name = 'x'\ncontract = 'greet/one'",
        "name = 'x'\ntargets = 'greet-go'",
        "name = 'x'\ntargets = ['a', 'b', 'a', '', 7]",
        "name = 'x'\nrepeat = 0",
        "name = 'x'\nrepeat = 1001",
        "name = 'x'\nrepeat = 2.5",
        "name = 'x'\nidle = 5\ncooldown = 'soon'\nwarmup = '5'\ntimeout = '0s'",
        "name = 'x'\nidle = '9000h'\ncooldown = '0.0000000001s'",
        "name = 'x'\nkeepalive = 'no'",
        "name = 'x'\nrepaet = 5",
        "name = 'x'\n[data.user]\ncsv = 'u.csv'",
    ];
    insta::assert_snapshot!(page(tops.map(|top| format!("{top}\n{REQUEST}{STEP}"))));
}

#[test]
fn of_a_flow() {
    let text = "name = 'x'\n[[flow]]\nname = 'sign in'\n[[flow.request]]\npath = '/'\n";
    insta::assert_snapshot!(page([format!("{text}{STEP}")]));
}

#[test]
fn of_a_request() {
    let requests = [
        "",
        "path = 'http://127.0.0.1/abc'",
        "path = 'abc'",
        "path = '/a b'",
        "path = '/größe'",
        "path = '/a#b'",
        "path = \"/a\\n\"",
        "path = '/'\nmethod = 'GET /'",
        "path = '/'\nmethod = ''",
        "path = '/'\nname = ''",
        "path = '/'\nname = \"two\\nlines\"",
        "path = '/'\nheaders = { 'X Y' = '1', Accept = '*', accept = '*' }",
        "path = '/'\nheaders = { content-length = '1', Transfer-Encoding = 'chunked' }",
        "path = '/'\nheaders = { A = \"b\\r\\nC: d\", B = 5 }",
        "path = '/'\nheaders = 'A: b'",
        "path = '/'\nbody = 'x'\njson = {}",
        "path = '/'\nbody = { a = 1 }",
        "path = '/'\njson = { a = inf, b = [nan] }",
        "path = '/'\nexpect = 200",
        "path = '/'\nexpect = { status = 99, body = 5 }",
        "path = '/'\nexpect = { status = 600, boby = '' }",
        "path = '/'\ncapture = { token = '$.token' }\nthink = '50ms'",
        "pth = '/'",
    ];
    insta::assert_snapshot!(page(
        requests.map(|keys| format!("name = 'x'\n{STEP}[[request]]\n{keys}\n"))
    ));
}

#[test]
fn of_a_step() {
    let steps = [
        "",
        "name = 's'\nconnections = 1",
        "name = 's'\nrequests = 1\nduration = '1s'\nconnections = 1",
        "name = 's'\nduration = '1s'\nrequests = 1\nconnections = 1",
        "name = 's'\nrequests = 0\nconnections = 1",
        "name = 's'\nrequests = '1'\nconnections = 1",
        "name = 's'\nduration = '0ms'\nconnections = 1",
        "name = 's'\nduration = '1 s'\nconnections = 1",
        "name = 's'\nduration = 5\nconnections = 1",
        "name = 's'\nduration = 2.5\nconnections = 1",
        "name = 's'\nrequests = 1",
        "name = 's'\nrequests = 1\nconnections = []",
        "name = 's'\nrequests = 1\nconnections = 0",
        "name = 's'\nrequests = 1\nconnections = 100_001",
        "name = 's'\nrequests = 1\nconnections = '1'",
        "name = 's'\nrequests = 1\nconnections = [1, 10, 1, 0, 'x']",
        "name = 's'\nrequests = 1\nconnections = 1\nwarmup = '-1s'\ntimeout = '0s'\nkeepalive = 1",
        "name = ' '\nrequests = 1\nconnections = 1",
        "name = 's'\nreplay = ''\nsoak = true",
        "name = 's'\nrequests = 1\nconection = 1",
    ];
    insta::assert_snapshot!(page(
        steps.map(|keys| format!("name = 'x'\n{REQUEST}[[step]]\n{keys}\n"))
    ));
}

#[test]
fn of_a_step_with_a_rate() {
    let steps = [
        "rate = '500/s'\nduration = '10s'",
        "rate = ['30/m', '1.5/s']\narrivals = 'poisson'\nconnections = 10\nduration = '10s'",
        "rate = '500/s'",
        "rate = '500/s'\nrequests = 100",
        "requests = 100\nrate = '500/s'\nduration = '10s'",
        "rate = '500/s'\nduration = '10s'\nconnections = [1, 100]",
        "rate = '500/s'\nduration = '10s'\nconnections = 0",
        "rate = '500/s'\nduration = '10s'\narrivals = 'poison'",
        "arrivals = 'poisson'\nduration = '10s'\nconnections = 1",
        "rate = 500\nduration = '10s'",
        "rate = [500, 1.5, true]\nduration = '10s'",
        "rate = []\nduration = '10s'",
        "rate = ['500', '500/ms', 'fast', '0.0000001/s']\nduration = '10s'",
        "rate = ['0/s', '0.5/h', '10000001/s']\nduration = '10s'",
        "rate = ['1/s', '2/s', '60/m']\nduration = '10s'",
        "raet = '500/s'\nduration = '10s'",
        "rate = '500/s'\nsearch = {}",
    ];
    insta::assert_snapshot!(page(
        steps.map(|keys| format!("name = 'x'\n{REQUEST}[[step]]\nname = 's'\n{keys}\n"))
    ));
}

#[test]
fn of_a_step_with_a_ramp() {
    let steps = [
        "ramp = { from = '0/s', to = '500/s' }\nduration = '10s'\narrivals = 'poisson'",
        "ramp = { from = '30/m', to = '0/h' }\nduration = '10s'\nconnections = 7",
        "ramp = {}",
        "ramp = '10/s'\nduration = '10s'",
        "ramp = { from = 10, to = '0.5/h', by = 5 }\nduration = '10s'",
        "ramp = { from = ['1/s', '2/s'], to = '10/s' }\nduration = '10s'",
        "ramp = { from = '60/m', to = '1/s' }\nduration = '10s'",
        "ramp = { from = '0/s', to = '0/h' }\nduration = '10s'",
        "ramp = { from = '1/s', to = '2/s' }\nrequests = 100",
        "ramp = { from = '1/s', to = '2/s' }\nrate = '500/s'\nduration = '10s'",
        "ramp = { from = '1/s', to = '2/s' }\nduration = '10s'\nconnections = [1, 2]",
        "ramp = { from = '0/s', to = '2/s' }\nduration = '10s'\nwarmup = '1s'",
        "ramp = { from = '0/s', to = '2/s' }\nduration = '10s'\nwarmup = '0s'",
    ];
    insta::assert_snapshot!(page(
        steps.map(|keys| format!("name = 'x'\n{REQUEST}[[step]]\nname = 's'\n{keys}\n"))
    ));
}

#[test]
fn of_a_step_with_stages() {
    let hold = "{ duration = '10s', rate = '100/s' }";
    let steps = [
        format!("stages = [{hold}, {{ duration = '5s', to = '0/s' }}]\narrivals = 'poisson'"),
        "stages = []".to_owned(),
        "stages = {}".to_owned(),
        "stages = ['100/s']".to_owned(),
        "stages = [{ duration = '0s' }, { rate = '1/s' }]".to_owned(),
        "stages = [{ duration = '1s', rate = '1/s', to = '2/s', ramp = 1 }]".to_owned(),
        "stages = [{ duration = '1s', rate = '0/s' }, { duration = '1s', to = '0/s' }]".to_owned(),
        "stages = [{ duration = '8760h', rate = '1/s' }, { duration = '1s', to = '0/s' }]"
            .to_owned(),
        format!("stages = [{hold}]\nduration = '10s'"),
        format!("stages = [{hold}]\nrequests = 100"),
        format!("stages = [{hold}]\nburst = {{ starts = 1, every = '1s' }}"),
        format!("stages = [{{ duration = '5s', to = '9/s' }}, {hold}]\nwarmup = '1s'"),
        "[[step.stages]]\nduration = '1s'\nrate = '1/s'".to_owned(),
    ];
    insta::assert_snapshot!(page(
        steps.map(|keys| format!("name = 'x'\n{REQUEST}[[step]]\nname = 's'\n{keys}\n"))
    ));
}

#[test]
fn of_a_step_with_bursts() {
    let steps = [
        "burst = { starts = 100, every = '1s' }\nduration = '10s'\nconnections = 100",
        "burst = { starts = 100, every = '1s' }",
        "burst = {}\nduration = '10s'",
        "burst = 100\nduration = '10s'",
        "burst = { starts = 0, every = '0s' }\nduration = '10s'",
        "burst = { starts = 1_000_001, every = 1, evry = 1 }\nduration = '10s'",
        "burst = { starts = 1, every = '1s' }\nduration = '10s'\narrivals = 'constant'",
        "burst = { starts = 1, every = '1s' }\nrequests = 100",
        "burst = { starts = 1, every = '1s' }\nduration = '10s'\nrate = '1/s'\nstages = []",
    ];
    insta::assert_snapshot!(page(
        steps.map(|keys| format!("name = 'x'\n{REQUEST}[[step]]\nname = 's'\n{keys}\n"))
    ));
}

#[test]
fn of_a_step_with_a_search() {
    let limit = "limit = 'p99 < 200ms and failed < 0.1%'";
    let steps = [
        format!("search = {{ from = '50/s', {limit} }}\narrivals = 'poisson'\nconnections = 99"),
        format!("search = {{ by = 'connections', from = 1, to = 64, {limit} }}"),
        "search = {}".to_owned(),
        "search = '50/s'".to_owned(),
        format!("search = {{ from = 50, to = 5.5, {limit} }}"),
        format!("search = {{ by = 'rate', from = 50, {limit} }}"),
        format!("search = {{ by = 'connections', from = '50/s', to = 0, {limit} }}"),
        format!("search = {{ by = 'users', from = 5, {limit}, form = 1 }}"),
        format!("search = {{ from = '50/s', to = '50/s', {limit} }}"),
        format!("search = {{ from = '0/s', {limit}, precision = 5, confirm = 0 }}"),
        format!("search = {{ from = '1/s', {limit}, precision = '0.5%', duration = '0s' }}"),
        format!("search = {{ from = '50/s', {limit} }}\nduration = '10s'\nrequests = 5"),
        format!("search = {{ from = '50/s', {limit} }}\nrate = '5/s'\nduration = '1s'"),
        format!(
            "search = {{ by = 'connections', from = 5, {limit} }}\nconnections = 5\n\
             arrivals = 'constant'"
        ),
    ];
    let limits = [
        "",
        "p99",
        "p99 < 200ms and",
        "p99 < 200ms, failed < 1%",
        "latency < 200ms",
        "p99 > 200ms and failed == 0%",
        "p100 < 1s and faild < 1%",
        "p99 < 200 and max < 1m30s",
        "failed < 0% and throughput > 0/s and goodput > 101%",
        "p99 < 1s or failed < 1%",
        "p50 < 1s and p50.0 < 2s",
        "mean < 20s",
    ];
    let limits = limits.map(|text| format!("search = {{ from = '50/s', limit = '{text}' }}"));
    let share = "search = { by = 'connections', from = 1, limit = 'throughput > 99%' }".to_owned();
    let all = steps.into_iter().chain(limits).chain([share]);
    insta::assert_snapshot!(page(
        all.map(|keys| format!("name = 'x'\n{REQUEST}[[step]]\nname = 's'\n{keys}\n"))
    ));
}

#[test]
fn of_steps_together() {
    let step = |name: &str| format!("[[step]]\nname = {name:?}\nrequests = 1\nconnections = 1\n");
    let long = "n".repeat(101);
    let texts = [
        [step("a"), step("a")],
        [step("10,000"), step("10 000")],
        [step("速"), step("!")],
        [step("速"), step("!").replace("ons = 1", "ons = 2")],
        [step("a"), step(&long)],
    ];
    insta::assert_snapshot!(page(
        texts.map(|steps| format!("name = 'x'\n{REQUEST}{}", steps.concat()))
    ));
}
