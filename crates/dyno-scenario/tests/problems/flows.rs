//! Messages about flows: placeholders, checks, captures, where values come from.

use super::{REQUEST, STEP, page};

/// A scenario whose only flow has one request with these keys.
fn with_request(keys: &str) -> String {
    format!("name = 'x'\n{STEP}[[flow]]\nname = 'f'\n[[flow.request]]\n{keys}\n")
}

/// A scenario with these lines at its top.
fn with_top(top: &str) -> String {
    format!("name = 'x'\n{top}\n{REQUEST}{STEP}")
}

#[test]
fn of_flows() {
    let request = "[[flow.request]]\npath = '/'";
    let flows = [
        format!("[[flow]]\nname = 'a'\n{request}\n{REQUEST}"),
        "flow = []".to_owned(),
        "[flow]\nname = 'a'".to_owned(),
        "[[flow]]".to_owned(),
        "[[flow]]\nname = 'a'\nrequest = []".to_owned(),
        format!("[[flow]]\nname = ''\nweight = 0\ncookies = 'yes'\n{request}"),
        format!("[[flow]]\nname = 'a'\nweight = 10_001\nwieght = 1\n{request}"),
        format!("[[flow]]\nname = 'a'\n{request}\n[[flow]]\nname = 'a'\n{request}"),
        "[[flow]]\nname = 'a'\n[[flow.request]]\npath = 'x y'\nmethod = 'A B'\n\
         headers = { 'A B' = '' }"
            .to_owned(),
    ];
    insta::assert_snapshot!(page(
        flows.map(|flow| format!("name = 'x'\n{flow}\n{STEP}"))
    ));
}

#[test]
fn of_pauses_and_repeats() {
    let requests = [
        "path = '/'\nthink = 5",
        "path = '/'\nthink = '5'",
        "path = '/'\nthink = {}",
        "path = '/'\nthink = { min = '10ms' }",
        "path = '/'\nthink = { min = '10ms', max = '10ms' }",
        "path = '/'\nthink = { min = '1ms', max = '2ms', mean = '3ms' }",
        "path = '/'\nthink = { mean = '0s' }",
        "path = '/'\nthink = { maen = '1s' }",
        "path = '/'\nrepeat = 0",
        "path = '/'\nrepeat = 1001",
    ];
    insta::assert_snapshot!(page(requests.map(with_request)));
}

#[test]
fn of_bodies() {
    let requests = [
        "path = '/'\njson = {}\nform = {}",
        "path = '/'\nform = 'a=b'",
        "path = '/'\nform = { a = [1], b = { c = 1 } }",
        "path = '/'\njson = { '{{x}}' = 1 }\n",
        "path = '/'\nform = { '{{x}}' = 1 }\n",
        "path = '/'\nform = { a = '{{seq | number}}' }",
        "path = '/'\nbody = '{{seq | number}}'",
        "path = '/'\njson = { a = 'n: {{seq | number}}' }",
    ];
    insta::assert_snapshot!(page(requests.map(with_request)));
}

#[test]
fn of_placeholders() {
    let requests = [
        "path = '/{{'",
        "path = '/{{}}'",
        "path = '/{{ {a} }}'",
        "path = '/{{tokne}}'\ncapture = { token = '$.t' }",
        "path = '/{{seqq}}'",
        "path = '/{{user.email}}'",
        "path = '/{{vars.size}}'",
        "path = '/{{secret.token}}'",
        "path = '/{{uuid()}}'",
        "path = '/{{random_int}}'",
        "path = '/{{random_int(1)}}'",
        "path = '/{{random_int(2, 1)}}'",
        "path = '/{{random_int(1, x)}}'",
        "path = '/{{random_string(0)}}'",
        "path = '/{{random_strin(5)}}'",
        "path = '/{{random_int(1, 2}}'",
        "path = '/{{seq | upper}}'",
        "path = \"/\\u0041{{a}}\"\nheaders = { A = '{{b}}' }\nbody = \"\"\"\n  {{c}}\n\"\"\"",
        "path = '/'\njson = { a = ['{{b}}', { c = 'x {{d}}' }] }",
        "path = '/'\nform = { a = 'x{{b}}' }",
    ];
    insta::assert_snapshot!(page(requests.map(with_request)));
}

#[test]
fn of_names_of_other_places() {
    let top = "name = 'x'\n[vars]\nsize = 1\n[secret.token]\nenv = 'T'\n\
               [data.user]\nrows = [{ email = 'a' }]\n[data.file]\ncsv = 'f.csv'\n";
    let flow = |requests: &str| format!("[[flow]]\nname = 'f'\n{requests}");
    let texts = [
        flow("[[flow.request]]\npath = '/{{user.emial}}{{vars.sice}}{{secret.tokn}}'"),
        flow("[[flow.request]]\npath = '/{{file.anything}}{{flie.x}}'"),
        flow(
            "[[flow.request]]\npath = '/{{id}}'\n[[flow.request]]\npath = '/'\n\
             capture = { id = '$.id' }\n[[flow.request]]\npath = '/{{id}}'",
        ),
        flow("[[flow.request]]\npath = '/'\ncapture = { id = '$.id' }\n")
            + "[[flow]]\nname = 'g'\n[[flow.request]]\npath = '/{{id}}'\n[[teardown]]\npath = '/{{id}}'",
        format!(
            "[[setup]]\npath = '/{{{{seq}}}}{{{{user.email}}}}'\ncapture = {{ id = '$.id' }}\n{}",
            flow("[[flow.request]]\npath = '/{{id}}'\ncapture = { id = '$.id' }")
        ),
    ];
    insta::assert_snapshot!(page(texts.map(|text| format!("{top}{STEP}{text}\n"))));
}

#[test]
fn of_setup() {
    let tops = [
        "setup = []",
        "[setup]\npath = '/'",
        "[[setup]]",
        "[[setup]]\npath = 'x'\nmethod = ''\n[[teardown]]\npath = '/'\nexpect = { status = 1 }",
    ];
    insta::assert_snapshot!(page(tops.map(with_top)));
}

#[test]
fn of_expectations() {
    let expects = [
        "status = []",
        "status = [200, 600, '6xx', '2XX', 2.5]",
        "status = 'ok'",
        "headers = 'a'",
        "headers = { 'A B' = 'x', A = 5, B = {}, C = { contains = 'a', equals = 'b' } }",
        "headers = { A = { matches = '(' }, B = { exists = false }, C = { contians = 'x' } }",
        "body = '{{token}}'",
        "contains = []",
        "contains = ['a', 5, '{{b}}']",
        "matches = '['",
        "matches = 'a{1000}{1000}{1000}'",
        "json = '$.a'",
        "json = { a = 1, '$.b[' = 2, '$.c' = { eqals = 1 }, '$.d' = {} }",
        "json = { '$.a' = { type = 'strng' }, '$.b' = { count = -1 }, '$.c' = { exists = 1 } }",
        "json = { '$.a' = inf, '$.b' = '{{x}}', '$.c' = { equals = '{{y}}' } }",
        "json = { '$.a' = { count = {} }, '$.b' = { count = { min = 2, max = 1 } } }",
        "bytes = '39'",
        "bytes = { min = 5, max = 4 }",
        "bytes = { least = 5 }",
        "within = '0s'",
        "within = 200",
        "sample = 0",
        "sample = 1.5",
        "sample = '10%'",
    ];
    let request = |expect: &str| with_request(&format!("path = '/'\nexpect = {{ {expect} }}"));
    insta::assert_snapshot!(page(expects.map(request)));
}

#[test]
fn of_captures() {
    let captures = [
        "'$.token'",
        "{ token = 5 }",
        "{ token = 'access_token' }",
        "{ token = '$.a[' }",
        "{ token = '$[?@[?@[?@[?@[?@[?@.a]]]]]]' }",
        "{ token = {} }",
        "{ token = { json = '$.a', header = 'B' } }",
        "{ token = { hedaer = 'B' } }",
        "{ token = { regex = 'a(' } }",
        "{ token = { header = 'A B' }, other = { cookie = '' } }",
        "{ 'a b' = '$.a', 'x.y' = '$.b', seq = '$.c', '' = '$.d' }",
    ];
    let request = |capture: &str| with_request(&format!("path = '/'\ncapture = {capture}"));
    // A name whose place is wrong is a name all the same.
    let used = "path = '/'\ncapture = { token = 'token' }\n[[flow.request]]\npath = '/{{token}}'";
    let texts = captures
        .map(request)
        .into_iter()
        .chain([with_request(used)]);
    insta::assert_snapshot!(page(texts));
}

#[test]
fn of_data() {
    let tops = [
        "data = 'users.csv'",
        "[data]\nuser = 'users.csv'",
        "[data.user]",
        "[data.user]\ncsv = ''",
        "[data.user]\ncsv = 'a'\njsonl = 'b'\nrows = [{ a = 1 }]",
        "[data.user]\ncvs = 'users.csv'",
        "[data.user]\ncsv = 'a'\norder = 'shufle'\nend = 'stop!'",
        "[data.user]\ncsv = 'a'\norder = 'random'\nend = 'repeat'",
        "[data.user]\nrows = []",
        "[data.user]\nrows = [1]",
        "[data.user]\nrows = [{ a = 1, b = 2 }, { a = 1 }, { a = 1, b = 2, bb = 3 }]",
        "[data.user]\nrows = [{ a = [1] }]",
        "[data.vars]\ncsv = 'a'\n[data.'a b']\ncsv = 'a'",
    ];
    insta::assert_snapshot!(page(tops.map(with_top)));
}

#[test]
fn of_secrets() {
    let tops = [
        "secret = 'abc'",
        "[secret]\ntoken = 'abc'",
        "[secret.token]",
        "[secret.token]\nenv = ''",
        "[secret.token]\nenv = 'A'\nfile = 'b'",
        "[secret.token]\nvalue = 'abc'",
        "[secret.'a.b']\nenv = 'A'",
    ];
    insta::assert_snapshot!(page(tops.map(with_top)));
}

#[test]
fn of_variables_and_sweeps() {
    let tops = [
        "vars = 1",
        "[vars]\nsize = []\n[[setup]]\npath = '/{{vars.size}}'",
        "[vars]\nsize = { a = 1 }\nother = [[1]]",
        "[vars]\nsize = [1, 2, 1]\n'a b' = 1",
        "[env]\n'A=B' = '1'\nC = \"a\\u0000b\"\nD = []",
        "[sweep]\nmode = 'zipp'",
        "[sweep]\nmdoe = 'zip'",
        "sweep = 'zip'",
        "[sweep]\nmode = 'zip'\n[vars]\na = [1, 2]\nb = [1, 2, 3]\nc = 5\n[env]\nD = [1, 2]",
        "[vars]\na = [1,2,3,4,5,6,7,8,9,10,11]\nb = [1,2,3,4,5,6,7,8,9,10]\n\
         c = [1,2,3,4,5,6,7,8,9,10]\n[env]\nD = [1,2,3,4,5,6,7,8,9,10]",
    ];
    insta::assert_snapshot!(page(tops.map(with_top)));
}

#[test]
fn of_levels_of_a_step() {
    let steps = [
        "requests = [1, 2, 1]\nconnections = [1, 2]",
        "requests = []\nconnections = 1",
        "duration = ['1s', '0s', 5]\nconnections = 1",
        "duration = '1s'\nrate = '1/s'\narrivals = ['poisson', 'poison', 'poisson']",
        "duration = '1s'\nconnections = 1\ntimeout = ['1s', '1000ms']\nkeepalive = [true, 1]",
        "duration = '1s'\nramp = { from = '0/s', to = '1/s' }\nwarmup = ['0s', '1s']",
        "duration = ['1s', '2s']\nramp = { from = '1/s', to = '1/s' }",
        "stages = [{ duration = ['1s', '2s'], rate = '1/s' }]",
    ];
    let step = |keys: &str| format!("name = 'x'\n{REQUEST}[[step]]\nname = 's'\n{keys}\n");
    let zip = "name = 'x'\n[sweep]\nmode = 'zip'\n[[request]]\npath = '/'\n[[step]]\nname = 's'\n\
               duration = '1s'\nrate = ['1/s', '2/s', '3/s']\nconnections = [1, 2]\ntimeout = '5s'\n";
    let texts = steps.map(step).into_iter().chain([zip.to_owned()]);
    insta::assert_snapshot!(page(texts));
}

#[test]
fn of_a_replay() {
    let steps = [
        "replay = 'access.log'",
        "replay = {}",
        "replay = { log = '' }",
        "replay = { log = 'a.log', speed = 0, format = 'apache' }",
        "replay = { log = 'a.log', speed = ['fast', 1001, 1, 1.0] }",
        "replay = { lgo = 'a.log' }",
        "replay = { log = 'a.log' }\nduration = '10s'\nrequests = 5\narrivals = 'poisson'",
        "replay = { log = 'a.log' }\nrate = '1/s'",
        "replay = { log = 'a.log' }\nwarmup = '1s'",
        "replay = { log = 'a.log' }\nconnections = 0",
    ];
    let text = |keys: &str| format!("name = 'x'\n[[step]]\nname = 's'\n{keys}\n");
    let beside = format!(
        "{}[[step]]\nname = 't'\nrequests = 1\nconnections = 1\n",
        text(steps[8])
    );
    insta::assert_snapshot!(page(steps.map(text).into_iter().chain([beside])));
}
