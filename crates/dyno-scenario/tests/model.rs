//! What a scenario file means: defaults, levels, ids, the sample of the project.

use std::time::Duration;

use dyno_scenario::{
    Arrivals, By, Check, Load, Profile, Scenario, Stage, StatusRange, Step, Until, parse,
    parse_rate_or_zero,
};

const GREET: &str = include_str!("../../../scenarios/greet.toml");

fn scenario(text: &str) -> Scenario {
    parse("t.toml", text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

fn closed(connections: u32, until: Until) -> Load {
    Load::Closed { connections, until }
}

#[test]
fn greet_asks_what_the_post_asked() {
    let greet = scenario(GREET);
    assert_eq!(greet.name, "greet");
    assert!(
        greet
            .question
            .starts_with("How much faster is Go than Python at saying hello?")
    );
    assert_eq!(greet.contract.as_deref(), Some("greet/1"));
    let targets = [
        "greet-go",
        "greet-rust",
        "greet-fastapi",
        "greet-python",
        "greet-python-published",
    ];
    assert_eq!(greet.targets, targets);
    assert_eq!(greet.repeat, 5);
    assert_eq!(
        greet.plan.flows[0].requests[0].path.as_fixed(),
        Some(b"/abc".as_slice())
    );
    let body = b"Hello, visitor! You've requested: /abc\n".to_vec();
    let checks = [
        Check::Status(vec![StatusRange {
            low: 200,
            high: 200,
        }]),
        Check::BodyEquals(body),
    ];
    assert_eq!(greet.plan.flows[0].requests[0].checks, checks);
    let steps: Vec<(&str, Load)> = greet
        .steps
        .iter()
        .map(|step| (step.id.as_str(), step.load.clone()))
        .collect();
    let five_seconds = Until::Elapsed(Duration::from_secs(5));
    let expected = [
        ("10-000-requests-c100", closed(100, Until::Requests(10_000))),
        ("100-connections-c100", closed(100, five_seconds)),
        ("1-connection-c1", closed(1, five_seconds)),
    ];
    assert_eq!(steps, expected);
}

#[test]
fn defaults_are_filled_in() {
    let least = "name = 'x'\n[[request]]\npath = '/a?b=1'\n\
                 [[step]]\nname = 'Load'\nrequests = 5\nconnections = 10\n";
    let scenario = scenario(least);
    assert_eq!(scenario.question, "");
    assert_eq!(scenario.contract, None);
    assert!(scenario.targets.is_empty());
    assert_eq!(scenario.repeat, 1);
    assert_eq!(scenario.idle, Duration::from_secs(2));
    assert_eq!(scenario.cooldown, Duration::from_secs(1));
    let request = &scenario.plan.flows[0].requests[0];
    assert_eq!(request.name, "GET /a?b=1");
    assert_eq!(request.method, "GET");
    assert!(request.headers.is_empty() && request.body.is_empty());
    assert_eq!(request.checks, []);
    let step = Step {
        id: "load-c10".to_owned(),
        name: "Load".to_owned(),
        load: closed(10, Until::Requests(5)),
        search: None,
        warmup: Duration::from_secs(1),
        timeout: Duration::from_secs(10),
        keepalive: true,
    };
    assert_eq!(scenario.steps, [step]);
}

#[test]
fn a_step_overrides_the_top_and_has_a_level_for_each_value() {
    let scenario = scenario(
        "name = 'x'\nwarmup = '3s'\ntimeout = '4s'\nkeepalive = false\n\
         [[request]]\npath = '/'\n\
         [[step]]\nname = 'common'\nduration = '1s'\nconnections = [100, 1]\n\
         [[step]]\nname = 'own'\nrequests = 1\nconnections = 2\n\
         warmup = '0s'\ntimeout = '50ms'\nkeepalive = true\n",
    );
    let seen: Vec<(&str, Duration, Duration, bool)> = scenario
        .steps
        .iter()
        .map(|step| (step.id.as_str(), step.warmup, step.timeout, step.keepalive))
        .collect();
    let (three, four) = (Duration::from_secs(3), Duration::from_secs(4));
    let expected = [
        ("common-c100", three, four, false),
        ("common-c1", three, four, false),
        ("own-c2", Duration::ZERO, Duration::from_millis(50), true),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_search_begins_with_the_load_of_its_first_probe() {
    let scenario = scenario(
        "name = 'x'\n[[request]]\npath = '/'\n\
         [[step]]\nname = 'to failure'\narrivals = ['constant', 'poisson']\n\
         search = { from = '50/s', limit = 'p99 < 200ms and failed < 0.1%' }\n\
         [[step]]\nname = 'people'\nsearch = { by = 'connections', from = 2, to = 99, \
         limit = 'max < 1s', duration = '30s', precision = '2.5%', confirm = 1 }\n",
    );
    let ids: Vec<&str> = scenario.steps.iter().map(|step| step.id.as_str()).collect();
    let expected = [
        "to-failure-search-constant",
        "to-failure-search-poisson",
        "people-search",
    ];
    assert_eq!(ids, expected);
    let [_, rate, people] = &scenario.steps[..] else {
        panic!("three steps");
    };
    let open = |rate: &str| Load::Open {
        profile: Profile::Steady {
            rate: parse_rate_or_zero(rate).unwrap(),
            duration: Duration::from_secs(10),
        },
        arrivals: Arrivals::Poisson,
        connections: 256,
    };
    assert_eq!(rate.load, open("50/s"));
    assert_eq!(rate.probe(118.9).load, open("118.9/s"));
    assert_eq!(rate.probe(118.9).search, None);
    assert_eq!(rate.most_connections(), 256);
    let thirty = Until::Elapsed(Duration::from_secs(30));
    assert_eq!(people.load, closed(2, thirty));
    assert_eq!(people.probe(7.0).load, closed(7, thirty));
    assert_eq!(people.most_connections(), 99);
    let search = rate.search.as_ref().unwrap();
    assert_eq!((search.by, search.to), (By::Rate, None));
    assert_eq!((search.precision, search.confirm), (0.05, 3));
    let limit: Vec<String> = search.limit.iter().map(ToString::to_string).collect();
    assert_eq!(limit, ["p99 < 200ms", "failed < 0.1%"]);
    let search = people.search.as_ref().unwrap();
    assert_eq!((search.by, search.to), (By::Connections, Some(99.0)));
    assert_eq!((search.precision, search.confirm), (0.025, 1));
}

#[test]
fn a_rate_has_a_level_for_each_value_and_a_pool() {
    let scenario = scenario(
        "name = 'x'\n[[request]]\npath = '/'\n\
         [[step]]\nname = 'open loop'\nduration = '10s'\nrate = ['500/s', '30/m', '1/m']\n\
         [[step]]\nname = 'own'\nduration = '1s'\nrate = '1.5/s'\n\
         arrivals = 'poisson'\nconnections = 10\n\
         [[step]]\nname = 'said'\nduration = '1s'\nrate = '7/s'\narrivals = 'constant'\n",
    );
    let open = |rate: &str, arrivals, connections, seconds| Load::Open {
        profile: Profile::Steady {
            rate: parse_rate_or_zero(rate).unwrap(),
            duration: Duration::from_secs(seconds),
        },
        arrivals,
        connections,
    };
    let seen: Vec<(&str, Load)> = scenario
        .steps
        .iter()
        .map(|step| (step.id.as_str(), step.load.clone()))
        .collect();
    let (constant, poisson) = (Arrivals::Constant, Arrivals::Poisson);
    let expected = [
        ("open-loop-r500", open("500/s", constant, 256, 10)),
        ("open-loop-r0.5", open("0.5/s", constant, 256, 10)),
        ("open-loop-r1m", open("1/m", constant, 256, 10)),
        ("own-r1.5", open("1.5/s", poisson, 10, 1)),
        ("said-r7", open("7/s", constant, 256, 1)),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn ramps_stages_and_bursts_are_shapes_of_an_open_load() {
    let scenario = scenario(
        "name = 'x'\nwarmup = '3s'\n[[request]]\npath = '/'\n\
         [[step]]\nname = 'up'\nduration = '10s'\nramp = { from = '10/s', to = '1/m' }\n\
         [[step]]\nname = 'day'\narrivals = 'poisson'\nconnections = 9\nstages = [\n\
         { duration = '1s', to = '100/s' }, { duration = '2s', to = '1.5/s' },\n\
         { duration = '3s', rate = '500/s' }, { duration = '4s', rate = '0/s' } ]\n\
         [[step]]\nname = 'crowds'\nduration = '10s'\nburst = { starts = 100, every = '1.5s' }\n",
    );
    let stages = |list: &[(&str, &str, u64)]| {
        let stage = |(from, to, seconds): &(&str, &str, u64)| Stage {
            from: parse_rate_or_zero(from).unwrap(),
            to: parse_rate_or_zero(to).unwrap(),
            duration: Duration::from_secs(*seconds),
        };
        Profile::Stages(list.iter().map(stage).collect())
    };
    let open = |profile, arrivals, connections| Load::Open {
        profile,
        arrivals,
        connections,
    };
    let seen: Vec<(&str, Load, u64)> = scenario
        .steps
        .iter()
        .map(|step| (step.id.as_str(), step.load.clone(), step.warmup.as_secs()))
        .collect();
    let day = stages(&[
        ("0/s", "100/s", 1),
        ("100/s", "1.5/s", 2),
        ("500/s", "500/s", 3),
        ("0/s", "0/s", 4),
    ]);
    let crowds = Profile::Bursts {
        starts: 100,
        every: Duration::from_millis(1500),
        duration: Duration::from_secs(10),
    };
    let (constant, poisson) = (Arrivals::Constant, Arrivals::Poisson);
    let up = stages(&[("10/s", "1/m", 10)]);
    let expected = [
        ("up-r10-to-1m", open(up, constant, 256), 3),
        // It begins at 0/s: there is nothing to warm up with.
        ("day-stages-to-500", open(day, poisson, 9), 0),
        ("crowds-b100-every-1.5s", open(crowds, constant, 256), 3),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn bodies_and_headers_keep_the_order_of_the_file() {
    let check = |keys: &str, headers: &[(&str, &str)], body: &str| {
        let text = format!(
            "name = 'x'\n[[request]]\nmethod = 'POST'\npath = '/'\n{keys}\n\
             [[step]]\nname = 's'\nrequests = 1\nconnections = 1\n"
        );
        let request = scenario(&text).plan.flows.remove(0).requests.remove(0);
        let seen: Vec<(&str, &str)> = request
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str(),
                    std::str::from_utf8(value.as_fixed().unwrap()).unwrap(),
                )
            })
            .collect();
        assert_eq!(seen, headers, "{keys}");
        assert_eq!(request.body.as_fixed(), Some(body.as_bytes()), "{keys}");
    };
    check("body = \"a\\nb\"", &[], "a\nb");
    check(
        "headers = { X-B = '1', X-A = '2' }",
        &[("X-B", "1"), ("X-A", "2")],
        "",
    );
    let json = ("Content-Type", "application/json");
    check(
        "json = { b = 1, a = [true] }",
        &[json],
        r#"{"b":1,"a":[true]}"#,
    );
    check("json = 'text'", &[json], "\"text\"");
    check(
        "json = {}\nheaders = { content-type = 'application/vnd.api+json' }",
        &[("content-type", "application/vnd.api+json")],
        "{}",
    );
}
