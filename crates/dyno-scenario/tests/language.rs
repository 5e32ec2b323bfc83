//! What a scenario file means: flows, placeholders, checks, captures, data, levels.

use std::time::Duration;

use dyno_scenario::{
    Arrivals, Capture, Check, Data, End, JsonType, Load, LogFormat, Mix, Node, Order, Part, Place,
    Plan, Profile, Request, Rows, Scenario, Secret, SecretPlace, Source, StatusRange, Template,
    Text, Think, Variant, parse,
};

const STEP: &str = "[[step]]\nname = 's'\nrequests = 1\nconnections = 1\n";

fn scenario(text: &str) -> Scenario {
    parse("t.toml", text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

fn plan(text: &str) -> Plan {
    scenario(&format!("name = 'x'\n{text}\n{STEP}")).plan
}

/// The only request of a plan with these keys.
fn request(keys: &str) -> Request {
    plan(&format!("[[request]]\npath = '/'\n{keys}"))
        .flows
        .remove(0)
        .requests
        .remove(0)
}

/// A template as text, its values in `<>`.
fn print(template: &Template) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => String::from_utf8_lossy(text).into_owned(),
        Part::Value { source, escape, .. } => format!("<{source:?} {escape:?}>"),
    };
    template.parts.iter().map(part).collect()
}

const SIGN_IN: &str = include_str!("../../../fuzz/corpus/scenario/flows-sign-in");

#[test]
fn flows_are_read_with_all_they_use() {
    let plan = scenario(SIGN_IN).plan;
    assert_eq!(plan.mix, Mix::Weights);
    assert_eq!(plan.slots, ["epoch", "token"]);
    let secret = |name: &str, from| Secret {
        name: name.to_owned(),
        from,
    };
    let key = secret("key", SecretPlace::Env("API_KEY".to_owned()));
    let pin = secret("pin", SecretPlace::File("pin.txt".to_owned()));
    assert_eq!(plan.secrets, [key, pin]);
    let user = Data {
        name: "user".to_owned(),
        rows: Rows::Csv("data/users.csv".to_owned()),
        order: Order::Shuffle,
        end: End::Stop,
    };
    assert_eq!(plan.data, [user]);
    let [sign_in, read] = plan.flows.as_slice() else {
        panic!("{:?}", plan.flows)
    };
    assert_eq!((sign_in.weight, sign_in.cookies), (8, true));
    assert_eq!((read.weight, read.cookies), (1, false));
    let [login, me] = sign_in.requests.as_slice() else {
        panic!("{sign_in:?}")
    };
    assert_eq!(login.name, "login");
    assert_eq!(
        print(&login.body),
        r#"{"email":"<Column { data: 0, column: "email" } JsonString>","pin":<Secret(1) JsonNumber>,"tag":"<Uuid JsonString>-<Seq JsonString>"}"#
    );
    let token = Capture {
        slot: 1,
        from: Place::Json("$.access_token".to_owned()),
    };
    assert_eq!(login.captures, [token]);
    assert_eq!(me.name, "GET /users/me?at={{now_ms}}");
    assert_eq!(print(&me.path), "/users/me?at=<NowMs Url>");
    let headers: Vec<String> = me.headers.iter().map(|(_, value)| print(value)).collect();
    assert_eq!(headers, ["Bearer <Slot(1) Header>", "<Slot(0) Header>"]);
    assert_eq!(me.think, Think::Fixed(Duration::from_millis(50)));
    assert_eq!(me.repeat, 3);
    assert_eq!(
        print(&read.requests[0].path),
        "/items/<RandomInt(1, 100) Url>"
    );
    let size = Source::Var("size".to_owned());
    assert_eq!(
        print(&plan.setup[0].path),
        format!("/reset?size=<{size:?} Url>")
    );
    assert_eq!(plan.setup[0].captures[0].slot, 0);
    assert_eq!(print(&plan.teardown[0].path), "/epochs/<Slot(0) Url>");
}

#[test]
fn a_placeholder_knows_its_place_in_the_file() {
    let plan = scenario(SIGN_IN).plan;
    let mut seen = Vec::new();
    for request in plan.requests() {
        let headers = request.headers.iter().map(|(_, value)| value);
        for template in headers.chain([&request.path, &request.body]) {
            for part in &template.parts {
                if let Part::Value { place, .. } = part {
                    seen.push(&SIGN_IN[place.clone()]);
                }
            }
        }
    }
    let expected = [
        "{{user.email}}",
        "{{secret.pin | number}}",
        "{{uuid}}",
        "{{seq}}",
        "{{token}}",
        "{{epoch}}",
        "{{now_ms}}",
        "{{random_int(1, 100)}}",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn the_whole_language_fits_one_file() {
    let text = include_str!("../../../fuzz/corpus/scenario/whole-language");
    let whole = scenario(text);
    assert_eq!(whole.variants.len(), 4);
    // Two times two, two to the fourth, two.
    assert_eq!(whole.steps.len(), 4 + 16 + 2);
    let slots = ["epoch", "token", "id", "s", "n", "j"];
    assert_eq!(whole.plan.slots, slots);
    assert_eq!(whole.plan.flows[0].requests[0].checks.len(), 12);
}

#[test]
fn requests_alone_take_turns() {
    let plan = plan("[[request]]\npath = '/a'\n[[request]]\npath = '/b'\nmethod = 'PUT'");
    assert_eq!(plan.mix, Mix::Turns);
    let names: Vec<&str> = plan.flows.iter().map(|flow| flow.name.as_str()).collect();
    assert_eq!(names, ["GET /a", "PUT /b"]);
}

#[test]
fn values_are_written_for_where_they_stand() {
    let check = |keys: &str, expected: &str| {
        let request = request(keys);
        assert_eq!(print(&request.body), expected, "{keys}");
    };
    check("body = '{{seq}} {{{{x}}'", "<Seq None> {{x}}");
    check("json = '{{seq}}'", "\"<Seq JsonString>\"");
    check("json = '{{ seq | number }}'", "<Seq JsonNumber>");
    check(
        "json = { a = [\"\\\"{{random_string(12)}}\\n\", 1] }",
        r#"{"a":["\"<RandomString(12) JsonString>\n",1]}"#,
    );
    check(
        "form = { 'a b' = 'x&y={{uuid}}ü', n = 1.5, t = true }",
        "a%20b=x%26y%3D<Uuid Url>%C3%BC&n=1.5&t=true",
    );
    check(
        "body = '{{env.HOME}} {{now}}'",
        "<Env(\"HOME\") None> <Now None>",
    );
    let form = request("form = { a = 1 }").headers;
    let content_type = "application/x-www-form-urlencoded";
    assert_eq!(form[0].0, "Content-Type");
    assert_eq!(form[0].1.as_fixed(), Some(content_type.as_bytes()));
}

#[test]
fn pauses_have_three_forms() {
    let ms = Duration::from_millis;
    for (keys, expected) in [
        ("", Think::None),
        ("think = '50ms'", Think::Fixed(ms(50))),
        (
            "think = { min = '0s', max = '100ms' }",
            Think::Uniform(ms(0), ms(100)),
        ),
        ("think = { mean = '1.5s' }", Think::Exponential(ms(1500))),
    ] {
        assert_eq!(request(keys).think, expected, "{keys}");
    }
}

#[test]
fn every_form_of_a_check_is_read() {
    let check = |expect: &str, expected: &[Check]| {
        let request = request(&format!("expect = {{ {expect} }}"));
        assert_eq!(request.checks, expected, "{expect}");
    };
    let range = |low, high| StatusRange { low, high };
    check("status = 404", &[Check::Status(vec![range(404, 404)])]);
    check("status = '2xx'", &[Check::Status(vec![range(200, 299)])]);
    let both = vec![range(500, 599), range(201, 201)];
    check("status = ['5xx', 201]", &[Check::Status(both)]);
    check("body = 'a'", &[Check::BodyEquals(b"a".to_vec())]);
    let part = |text: &[u8]| Check::BodyContains(text.to_vec());
    check("contains = 'a'", &[part(b"a")]);
    check("contains = ['a', '{{ b']", &[part(b"a"), part(b"{{ b")]);
    check(
        "matches = '^a\\d+'",
        &[Check::BodyMatches("^a\\d+".to_owned())],
    );
    check("bytes = 39", &[Check::BodyBytes(39, 39)]);
    check("bytes = { min = 1 }", &[Check::BodyBytes(1, u64::MAX)]);
    check("bytes = { max = 9 }", &[Check::BodyBytes(0, 9)]);
    check(
        "within = '200ms'",
        &[Check::Within(Duration::from_millis(200))],
    );
    let header = |text| Check::Header("content-type".to_owned(), text);
    for (value, text) in [
        ("'a/b'", Text::Equals("a/b".to_owned())),
        ("{ equals = 'a' }", Text::Equals("a".to_owned())),
        ("{ contains = 'a' }", Text::Contains("a".to_owned())),
        ("{ matches = 'a' }", Text::Matches("a".to_owned())),
        ("{ exists = true }", Text::Exists),
    ] {
        check(
            &format!("headers = {{ Content-Type = {value} }}"),
            &[header(text)],
        );
    }
    assert_eq!(request("expect = { sample = 0.25 }").sample, 0.25);
    assert_eq!(request("expect = { sample = 1 }").sample, 1.0);
    assert_eq!(request("").sample, 1.0);
}

#[test]
fn json_is_checked_at_paths() {
    let check = |value: &str, expected: &[(&str, Node)]| {
        let request = request(&format!("expect = {{ json = {{ {value} }} }}"));
        let expected: Vec<Check> = expected
            .iter()
            .map(|(path, node)| Check::Json((*path).to_owned(), node.clone()))
            .collect();
        assert_eq!(request.checks, expected, "{value}");
    };
    let equals = |value| Node::Equals(value);
    check("'$.id' = 5", &[("$.id", equals(5.into()))]);
    check("'$.a' = 'x'", &[("$.a", equals("x".into()))]);
    check("'$.a' = [1]", &[("$.a", equals(serde_json::json!([1])))]);
    let object = serde_json::json!({ "b": true });
    check(
        "'$.a' = { equals = { b = true } }",
        &[("$.a", equals(object))],
    );
    check(
        "'$.a' = { exists = false }",
        &[("$.a", Node::Exists(false))],
    );
    check(
        "'$.a' = { type = 'integer' }",
        &[("$.a", Node::Type(JsonType::Integer))],
    );
    check(
        "'$.a' = { type = 'array', exists = true }",
        &[
            ("$.a", Node::Exists(true)),
            ("$.a", Node::Type(JsonType::Array)),
        ],
    );
    // At a path to one list its values are counted, at others what they select.
    check("'$.a' = { count = 3 }", &[("$.a[*]", Node::Count(3, 3))]);
    check(
        "'$..a' = { count = { min = 1, max = 9 } }",
        &[("$..a", Node::Count(1, 9))],
    );
}

#[test]
fn captures_stand_in_four_places() {
    for (value, expected) in [
        ("'$.a[0]'", Place::Json("$.a[0]".to_owned())),
        ("{ json = '$..a' }", Place::Json("$..a".to_owned())),
        (
            "{ header = 'Location' }",
            Place::Header("location".to_owned()),
        ),
        ("{ cookie = 'SID' }", Place::Cookie("SID".to_owned())),
        (
            "{ regex = 'x=(\\d+)' }",
            Place::Regex("x=(\\d+)".to_owned()),
        ),
    ] {
        let request = request(&format!("capture = {{ v = {value} }}"));
        assert_eq!(request.captures[0].from, expected, "{value}");
    }
}

#[test]
fn the_same_name_has_the_same_slot() {
    let request =
        |name: &str| format!("[[flow.request]]\npath = '/'\ncapture = {{ {name} = '$.a' }}\n");
    let plan = plan(&format!(
        "[[flow]]\nname = 'f'\n{}{}[[flow]]\nname = 'g'\n{}{}",
        request("a"),
        request("b"),
        request("b"),
        request("a"),
    ));
    assert_eq!(plan.slots, ["a", "b"]);
    let slots: Vec<usize> = plan
        .requests()
        .map(|request| request.captures[0].slot)
        .collect();
    assert_eq!(slots, [0, 1, 1, 0]);
}

#[test]
fn data_has_three_sources() {
    let check = |keys: &str, rows: Rows, order, end| {
        let plan = plan(&format!(
            "[data.user]\n{keys}\n[[request]]\npath = '/{{{{user.a}}}}'"
        ));
        let name = "user".to_owned();
        assert_eq!(
            plan.data,
            [Data {
                name,
                rows,
                order,
                end
            }],
            "{keys}"
        );
    };
    let file = "a.b".to_owned();
    check(
        "csv = 'a.b'",
        Rows::Csv(file.clone()),
        Order::Sequential,
        End::Repeat,
    );
    check(
        "jsonl = 'a.b'\norder = 'random'",
        Rows::JsonLines(file),
        Order::Random,
        End::Repeat,
    );
    let text = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let rows = vec![text(&["1", "x"]), text(&["2.5", "true"])];
    check(
        "rows = [{ b = 1, a = 'x' }, { a = true, b = 2.5 }]\nend = 'fail'",
        Rows::Inline(text(&["b", "a"]), rows),
        Order::Sequential,
        End::Fail,
    );
}

fn variants(top: &str) -> Vec<Variant> {
    scenario(&format!(
        "name = 'x'\n{top}\n[[request]]\npath = '/'\n{STEP}"
    ))
    .variants
}

#[test]
fn lists_of_variables_give_variants() {
    let check = |top: &str, expected: &[&str]| {
        let seen: Vec<String> = variants(top)
            .iter()
            .map(|variant| {
                let pair = |(name, value): (&String, &String)| format!("{name}={value}");
                let vars: Vec<String> = variant.vars.iter().map(pair).collect();
                let env: Vec<String> = variant.env.iter().map(pair).collect();
                format!("{} | {} | {}", variant.id, vars.join(" "), env.join(" "))
            })
            .collect();
        assert_eq!(seen, expected, "{top}");
    };
    check("", &[" |  | "]);
    check("[vars]\na = 1\n[env]\nB = ['x']", &[" | a=1 | B=x"]);
    let both = "[vars]\nsize = [39, 10_240]\nfixed = 'f'\n[env]\nWORKERS = ['1', 2]";
    check(
        both,
        &[
            "size-39-workers-1 | fixed=f size=39 | WORKERS=1",
            "size-39-workers-2 | fixed=f size=39 | WORKERS=2",
            "size-10240-workers-1 | fixed=f size=10240 | WORKERS=1",
            "size-10240-workers-2 | fixed=f size=10240 | WORKERS=2",
        ],
    );
    check(
        &format!("sweep = {{ mode = 'zip' }}\n{both}"),
        &[
            "size-39-workers-1 | fixed=f size=39 | WORKERS=1",
            "size-10240-workers-2 | fixed=f size=10240 | WORKERS=2",
        ],
    );
    // Ids that would be the same are numbers instead.
    check(
        "[vars]\na = [1, -1]",
        &["variant-1 | a=1 | ", "variant-2 | a=-1 | "],
    );
}

fn ids(step: &str) -> Vec<String> {
    let text = format!("name = 'x'\n{step}\n[[request]]\npath = '/'\n");
    scenario(&text)
        .steps
        .into_iter()
        .map(|step| step.id)
        .collect()
}

#[test]
fn every_list_of_a_step_gives_levels() {
    let check = |step: &str, expected: &[&str]| {
        let seen = ids(&format!("[[step]]\nname = 's'\n{step}"));
        assert_eq!(seen, expected, "{step}");
    };
    check(
        "requests = [100, 200]\nconnections = [1, 2]",
        &["s-c1-n100", "s-c2-n100", "s-c1-n200", "s-c2-n200"],
    );
    check(
        "duration = ['1s', '2s']\nconnections = 1",
        &["s-c1-d1s", "s-c1-d2s"],
    );
    check(
        "duration = '1s'\nrate = ['1/s', '2/s']\nconnections = [10, 20]",
        &["s-r1-c10", "s-r1-c20", "s-r2-c10", "s-r2-c20"],
    );
    check(
        "duration = '1s'\nrate = '1/s'\narrivals = ['constant', 'poisson']\nkeepalive = [true, false]",
        &[
            "s-r1-constant-keepalive",
            "s-r1-constant-close",
            "s-r1-poisson-keepalive",
            "s-r1-poisson-close",
        ],
    );
    check(
        "duration = '1s'\nburst = { starts = 5, every = '1s' }\ntimeout = ['1s', '1.5s']\nwarmup = ['0s']",
        &["s-b5-every-1s-t1s", "s-b5-every-1s-t1.5s"],
    );
    check(
        "replay = { log = 'a.log', speed = [1, 0.5] }",
        &["s-x1", "s-x0.5"],
    );
    check("requests = [100]\nconnections = [1]", &["s-c1"]);
}

#[test]
fn zipped_lists_of_a_step_go_together() {
    let step = "[sweep]\nmode = 'zip'\n[[step]]\nname = 's'\nduration = '1s'\n\
                rate = ['1/s', '2/s']\nconnections = [10, 20]\ntimeout = ['3s']\nkeepalive = true";
    assert_eq!(ids(step), ["s-r1-c10", "s-r2-c20"]);
}

#[test]
fn a_replay_needs_nothing_else() {
    let step = |keys: &str| {
        let text = format!("name = 'x'\n[[step]]\nname = 'again'\n{keys}\n");
        scenario(&text).steps.remove(0)
    };
    let seen = step("replay = { log = 'page.har', speed = 2.0 }\nconnections = 7");
    let Load::Open {
        profile: Profile::Recorded(recording),
        arrivals: Arrivals::Constant,
        connections: 7,
    } = &seen.load
    else {
        panic!("{seen:?}")
    };
    assert_eq!((recording.log.as_str(), recording.speed), ("page.har", 2.0));
    assert_eq!(recording.format, LogFormat::Har);
    assert_eq!(seen.warmup, Duration::ZERO);
    let seen = step("replay = { log = 'page.har', format = 'jsonl' }");
    let Load::Open {
        profile: Profile::Recorded(recording),
        ..
    } = &seen.load
    else {
        panic!("{seen:?}")
    };
    assert_eq!(
        (recording.format, recording.speed),
        (LogFormat::JsonLines, 1.0)
    );
}
