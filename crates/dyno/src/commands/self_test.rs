//! `dyno self-test`: loads a built-in server whose answers are known, and says
//! how far off dyno is on this machine, and how fast.

mod bench;
mod checks;
mod figure;
mod speed;

use std::time::{Duration, Instant};

use dyno_truth::Health;
use serde_json::json;

use crate::args::SelfTest;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen;

use bench::Bench;
use checks::{CHECKS, Check};
use figure::Figure;
use speed::Speed;

/// A check that a noisy machine has spoiled is tried again only before this.
const LATEST_REPEAT: Duration = Duration::from_secs(40);

/// What one check found.
struct Finding {
    check: &'static Check,
    figures: Vec<Figure>,
    health: Health,
}

/// What the checks mean together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    True,
    /// Off, although the machine was quiet.
    Off,
    /// Off, and the machine was not quiet.
    Noisy,
}

/// Runs every check and prints what it found.
pub(crate) async fn run(args: &SelfTest) -> Result<Exit, Failure> {
    let begin = Instant::now();
    let bench = Bench::start()?;
    let say = |text: &str| {
        if !args.json {
            screen::data(text);
        }
    };
    say(&introduction(&bench));
    let mut findings = Vec::new();
    for (number, check) in (1..).zip(CHECKS) {
        screen::talk(&format!(
            "{number} of {}: {} …",
            CHECKS.len() + 1,
            check.name
        ));
        let mut finding = examine(check, &bench).await?;
        if finding.verdict() == Verdict::Noisy && begin.elapsed() < LATEST_REPEAT {
            screen::talk("the machine was busy with something else: once more …");
            finding = examine(check, &bench).await?;
        }
        say(&finding.text(number));
        findings.push(finding);
    }
    let last = CHECKS.len() + 1;
    screen::talk(&format!("{last} of {last}: top speed …"));
    let speed = Speed::measure(&bench).await?;
    say(&speed.text(last));
    let verdict = together(&findings);
    say(&conclusion(verdict, &findings));
    if args.json {
        screen::data(&format!("{:#}", whole(verdict, &findings, &speed)));
    }
    Ok(match verdict {
        Verdict::True => Exit::Done,
        Verdict::Off => Exit::Failed,
        Verdict::Noisy => Exit::Invalid,
    })
}

async fn examine(check: &'static Check, bench: &Bench) -> Result<Finding, Failure> {
    let watch = bench.watch();
    let figures = check.run(bench).await;
    let health = watch.end();
    Ok(Finding {
        check,
        figures: figures?,
        health,
    })
}

impl Finding {
    fn verdict(&self) -> Verdict {
        if self.figures.iter().all(Figure::is_right) {
            Verdict::True
        } else if self.health.is_good() {
            Verdict::Off
        } else {
            Verdict::Noisy
        }
    }

    fn text(&self, number: usize) -> String {
        let mut text = format!("\n{number}. {}\n", self.check.name);
        for line in self.check.words {
            text += &format!("   {line}\n");
        }
        text += &figure::table(&self.figures);
        if self.verdict() == Verdict::Noisy {
            text += &format!("   {}\n", noise(&self.health));
        }
        text
    }

    fn json(&self) -> serde_json::Value {
        let figures: Vec<_> = self.figures.iter().map(Figure::json).collect();
        json!({
            "id": self.check.id,
            "name": self.check.name,
            "within_tolerance": self.figures.iter().all(Figure::is_right),
            "figures": figures,
            "machine": {
                "healthy": self.health.is_good(),
                "worst_hiccup_ns": self.health.worst_hiccup.as_nanos() as u64,
                "late_fraction": self.health.late_fraction,
                "steal_fraction": self.health.steal_fraction,
            },
        })
    }
}

fn together(findings: &[Finding]) -> Verdict {
    let any = |wanted| findings.iter().any(|finding| finding.verdict() == wanted);
    if any(Verdict::Off) {
        Verdict::Off
    } else if any(Verdict::Noisy) {
        Verdict::Noisy
    } else {
        Verdict::True
    }
}

fn whole(verdict: Verdict, findings: &[Finding], speed: &Speed) -> serde_json::Value {
    let checks: Vec<_> = findings.iter().map(Finding::json).collect();
    let word = match verdict {
        Verdict::True => "true",
        Verdict::Off => "off",
        Verdict::Noisy => "noisy",
    };
    json!({ "verdict": word, "checks": checks, "top_speed": speed.json() })
}

fn introduction(bench: &Bench) -> String {
    format!(
        "dyno loads a server of its own, whose answers take a known time, and holds what\n\
         it measures against what is true. About 40 seconds. {}",
        bench.places()
    )
}

fn conclusion(verdict: Verdict, findings: &[Finding]) -> String {
    let figures = || findings.iter().flat_map(|finding| &finding.figures);
    let right = figures().filter(|figure| figure.is_right()).count();
    let score = format!(
        "{right} of {} figures within their tolerance",
        figures().count()
    );
    match verdict {
        Verdict::True => format!("\ndyno measures truly here: {score}."),
        Verdict::Off => format!(
            "\ndyno is off: {score}, and the machine was quiet.\n\
             Please report it, with the output of `dyno self-test --json` and `dyno doctor --json`."
        ),
        Verdict::Noisy => format!(
            "\nThis machine was too busy to tell: {score}.\n\
             Stop what else runs on it and try again; `dyno doctor` says what to look at."
        ),
    }
}

/// What was wrong with the machine, a line each.
fn noise(health: &Health) -> String {
    let mut text = format!(
        "The machine was not quiet: of threads that slept for 1 ms, {} woke up more than\n   \
         1 ms late, at worst {} late.",
        dyno_report::percent(health.late_fraction),
        dyno_report::time(health.worst_hiccup.as_nanos() as f64)
    );
    if health.steal_fraction > 0.0 {
        let share = dyno_report::percent(health.steal_fraction);
        text += &format!("\n   Other virtual machines took {share} of its CPU time.");
    }
    text
}
