//! `dyno doctor`: what will distort a measurement here.

use dyno_postgres::Installation;
use dyno_target::findings::{Finding, Level, findings};
use dyno_target::{catalogue, host};

use crate::args::Doctor;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen;
use crate::session::find_targets;

/// Looks at the machine and says what it means.
pub(crate) fn run(args: &Doctor) -> Result<Exit, Failure> {
    host::raise_open_files().map_err(Failure::dyno)?;
    let mut environment = host::environment();
    environment.tools = host::tools();
    let mut findings = findings(&environment);
    findings.push(postgresql());
    if args.json {
        let list: Vec<_> = findings.iter().map(json).collect();
        let all = serde_json::json!({ "environment": environment, "findings": list });
        screen::data(&format!("{all:#}"));
        return Ok(Exit::Done);
    }
    for finding in &findings {
        screen::data(&line(finding));
    }
    let problems = findings.iter().filter(|finding| finding.level != Level::Ok);
    screen::data(&format!(
        "\n{} of {} want a look",
        problems.count(),
        findings.len()
    ));
    targets()?;
    Ok(Exit::Done)
}

/// The database of targets that need one.
fn postgresql() -> Finding {
    let found = Installation::find();
    let (level, seen, meaning, remedy) = match &found {
        Ok(found) => {
            let seen = format!("{} in {}", found.version, found.bin.display());
            (Level::Ok, seen, "targets with a database can run", None)
        }
        Err(error) => {
            let mend = match error.is_input() {
                true => "unset DYNO_PG_BIN",
                false => "dyno db install",
            };
            let meaning = "targets with a database cannot run";
            (
                Level::Warn,
                error.to_string(),
                meaning,
                Some(mend.to_owned()),
            )
        }
    };
    Finding {
        level,
        topic: "PostgreSQL",
        seen,
        meaning,
        remedy,
    }
}

/// Tools that targets need and this machine lacks.
fn targets() -> Result<(), Failure> {
    let Some(folder) = find_targets(std::path::Path::new(".")) else {
        return Ok(());
    };
    screen::data("\ntargets");
    for id in catalogue::ids(&folder).map_err(Failure::target)? {
        let checked = catalogue::load(&folder, &id)
            .and_then(|manifest| dyno_target::check_tools(&manifest).map(|_| ()));
        let (word, rest) = match checked {
            Ok(()) => ("ok", String::new()),
            Err(error) => ("problem", format!(": {}", Failure::target(error).line())),
        };
        screen::data(&format!("{word:8} {id}{rest}"));
    }
    Ok(())
}

fn line(finding: &Finding) -> String {
    let mut text = format!(
        "{:8} {}: {}",
        word(finding.level),
        finding.topic,
        finding.seen
    );
    if finding.level != Level::Ok {
        text += &format!("\n         {}", finding.meaning);
        if let Some(remedy) = &finding.remedy {
            text += &format!("\n         mend: {remedy}");
        }
    }
    text
}

fn json(finding: &Finding) -> serde_json::Value {
    serde_json::json!({
        "level": word(finding.level),
        "topic": finding.topic,
        "seen": finding.seen,
        "meaning": finding.meaning,
        "remedy": finding.remedy,
    })
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warn => "warning",
        Level::Problem => "problem",
    }
}
