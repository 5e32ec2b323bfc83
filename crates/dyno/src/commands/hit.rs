//! `dyno hit`: one URL, no file.

use std::convert::Infallible;
use std::time::Duration;

use dyno_engine::{Event, Stock};
use dyno_report::{Format, Options};
use dyno_result::{PlannedTrial, Recording, RunKind, TrialRecording};
use dyno_scenario::{
    Arrivals, Load, Plan, Profile, Request, Scenario, Step, Template, Until, Variant, is_token,
};

use crate::args::Hit;
use crate::attach::{Server, close};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::generator::Generator;
use crate::interrupt::Interrupt;
use crate::live::{Live, State};
use crate::record::{self, Intent};
use crate::source::Source;
use crate::{preflight, screen, trial};

/// Loads one URL and prints a summary.
pub(crate) async fn run(args: Hit) -> Result<Exit, Failure> {
    let server = Server::find(&args.url, &args.transport).await?;
    if args.latency_correction {
        screen::talk(match args.rate {
            Some(_) => {
                "--latency-correction is always on: with -q response time counts from the intended start"
            }
            None => {
                "--latency-correction needs a clock to correct by: give a rate with -q, and it is always on"
            }
        });
    }
    let interrupt = Interrupt::listen().map_err(Failure::dyno)?;
    let _ = dyno_target::host::raise_open_files();
    let allowed = dyno_target::layout::allowed_cpus().map_err(Failure::dyno)?;
    let threads = args.threads.map_or(allowed.len(), |count| count as usize);
    let scenario = scenario(&args, &server)?;
    let route = server.route();
    for note in preflight::check(&scenario.steps, route, &dyno_target::sockets())? {
        screen::talk(&format!("note: {note}"));
    }
    let command: Vec<String> = std::env::args().skip(1).collect();
    let source = Source {
        file: "command line".to_owned(),
        text: format!("dyno {}\n", command.join(" ")),
        settings: Vec::new(),
        scenario,
    };
    let seed = fastrand::u64(..1 << 32);
    let place = PlannedTrial {
        round: 1,
        position: 1,
        target: "url".to_owned(),
        variant: String::new(),
    };
    let mut run = record::begin(Intent {
        kind: RunKind::Hit,
        source: &source,
        seed,
        quick: false,
        environment: dyno_target::host::environment(),
        layout: dyno_result::Layout {
            target_cpus: Vec::new(),
            generator_cpus: allowed,
            // Where the server runs is not known.
            shared: false,
        },
        targets: vec![server.describe()],
        order: vec![place.clone()],
    });
    let mut trial = trial::new(1, &place);
    let mut recording = TrialRecording::default();
    let (step, plan) = (&source.scenario.steps[0], &source.scenario.plan);
    let stock = Stock::default();
    let generator = Generator::free(threads, run.environment.cpus_online, args.pacing);
    let played = {
        let live = (!args.json && !args.no_tui && screen::is_lively()).then(|| {
            let what = format!("{} {}", args.method, args.url);
            Live::new(State::new(what, step), &interrupt)
        });
        let mut on = |event: Event<'_>| {
            if let Some(live) = &live {
                live.event(&event);
            }
        };
        let play = server.play(step, (plan, &stock), &generator, seed, &interrupt, &mut on);
        tokio::select! {
            played = play => played?,
            never = tick(live.as_ref()) => match never {},
        }
    };
    let surroundings = server.surroundings(&run.layout);
    trial::keep(played, step, surroundings, &mut trial, &mut recording);
    run.trials.push(trial);
    let exit = close(&mut run, &interrupt);
    let recording = Recording {
        run,
        trials: vec![recording],
    };
    let format = if args.json { Format::Json } else { Format::Hey };
    screen::data(&dyno_report::render(
        &recording,
        format,
        &Options::default(),
    )?);
    Ok(exit)
}

/// Keeps the view's clock going; never ends.
async fn tick(live: Option<&Live>) -> Infallible {
    match live {
        Some(live) => live.tick().await,
        None => std::future::pending().await,
    }
}

/// The command line as a scenario of one request and one step.
fn scenario(args: &Hit, server: &Server) -> Result<Scenario, Failure> {
    let request = Request {
        headers: args
            .headers
            .iter()
            .map(|field| header(field).map(|(name, value)| (name, Template::fixed(value))))
            .collect::<Result<_, _>>()?,
        body: Template::fixed(body(args)?),
        ..Request::new(&method(&args.method)?, &server.path)
    };
    Ok(Scenario {
        name: "hit".to_owned(),
        question: format!("What does {} give?", args.url),
        contract: None,
        targets: Vec::new(),
        repeat: 1,
        idle: Duration::ZERO,
        cooldown: Duration::ZERO,
        plan: Plan::of(vec![request]),
        variants: vec![Variant::default()],
        steps: vec![Step {
            id: "hit".to_owned(),
            name: "hit".to_owned(),
            load: load(args),
            search: None,
            warmup: Duration::ZERO,
            timeout: args.timeout,
            keepalive: !args.disable_keepalive,
        }],
    })
}

/// Closed, or open with `-q`: then a number of requests is the time in which so
/// many come due.
fn load(args: &Hit) -> Load {
    let connections = args.connections;
    let Some(rate) = args.rate else {
        let until = match args.duration {
            Some(duration) => Until::Elapsed(duration),
            None => Until::Requests(args.requests),
        };
        return Load::Closed { connections, until };
    };
    let for_requests = || {
        let ns = u128::from(args.requests) * u128::from(rate.per_ns);
        let ns = ns.div_ceil(u128::from(rate.starts));
        Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
    };
    Load::Open {
        profile: Profile::Steady {
            rate,
            duration: args.duration.unwrap_or_else(for_requests),
        },
        arrivals: if args.poisson {
            Arrivals::Poisson
        } else {
            Arrivals::Constant
        },
        connections,
    }
}

fn method(text: &str) -> Result<String, Failure> {
    if is_token(text) {
        return Ok(text.to_owned());
    }
    let message = format!("{text:?} is not a method");
    Err(Failure::input(message, "use GET, POST, PUT, …"))
}

fn header(field: &str) -> Result<(String, String), Failure> {
    let parts = field
        .split_once(':')
        .map(|(name, value)| (name.trim(), value.trim()));
    match parts {
        Some((name, value))
            if is_token(name) && value.bytes().all(|byte| byte == b'\t' || byte >= b' ') =>
        {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err(Failure::input(
            format!("{field:?} is not a header field"),
            "write it as -H 'Name: value'",
        )),
    }
}

fn body(args: &Hit) -> Result<Vec<u8>, Failure> {
    match (&args.data, &args.data_file) {
        (Some(text), _) => Ok(text.as_bytes().to_vec()),
        (None, Some(path)) => std::fs::read(path).map_err(|error| {
            let message = format!("could not read {}: {error}", path.display());
            Failure::input(message, "give a file that can be read with -D")
        }),
        (None, None) => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_fields_are_checked() {
        let check = |field: &str, expected: Option<(&str, &str)>| {
            let seen = header(field).ok();
            let expected = expected.map(|(n, v)| (n.to_owned(), v.to_owned()));
            assert_eq!(seen, expected, "{field:?}");
        };
        check("Accept: text/html", Some(("Accept", "text/html")));
        check("X:", Some(("X", "")));
        check("X: a:b", Some(("X", "a:b")));
        check("no colon", None);
        check("bad name: x", None);
        check("X: a\r\nY: b", None);
        check(": x", None);
    }
}
