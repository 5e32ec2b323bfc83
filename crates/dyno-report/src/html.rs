//! The page of a run: one file, no script, nothing fetched. What stands where
//! is in `templates/page.html`, how it looks in `page.css` beside it; here it is filled.

use askama::Template;
use dyno_result::{Class, Target};

use crate::chart::{self, Plot};
use crate::figures::{Figures, StepFigures};
use crate::table::{Cell, Column, TableRow, rows};
use crate::{Error, findings, notes, number, text};

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    name: String,
    question: String,
    summary: Vec<String>,
    machine: String,
    layout: String,
    banners: Vec<String>,
    findings: Vec<String>,
    doubts: Vec<String>,
    columns: &'static [Column],
    steps: Vec<StepTable>,
    legend: Vec<String>,
    charts: Vec<Figure>,
    targets: Vec<TargetCard>,
    environment: Vec<(&'static str, String)>,
    scenario_file: String,
    scenario_text: String,
    command: String,
    footer: String,
}

struct StepTable {
    name: String,
    load: String,
    rows: Vec<TableRow>,
}

struct Figure {
    plot_name: &'static str,
    title: &'static str,
    subtitle: String,
    description: String,
    wide: String,
    narrow: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

struct TargetCard {
    name: String,
    id: String,
    class: &'static str,
    meaning: &'static str,
    notes: String,
    excluded: String,
    facts: Vec<(String, String)>,
    command: String,
}

/// The whole page.
pub(crate) fn render(figures: &Figures) -> Result<String, Error> {
    let run = &figures.recording.run;
    let mut doubts = findings::doubts(figures);
    doubts.extend(findings::generator(figures));
    let targets = run.targets.iter().map(|target| card(figures, target));
    let page = Page {
        name: text::line(&run.scenario.name),
        question: text::line(&run.scenario.question),
        summary: notes::summary(figures),
        machine: notes::machine(figures),
        layout: notes::layout(figures),
        banners: notes::banners(figures),
        findings: findings::findings(figures),
        doubts,
        columns: Column::ALL,
        steps: figures.steps.iter().map(|s| table(figures, s)).collect(),
        legend: notes::legend(figures),
        charts: chart::plots(figures).into_iter().map(figure).collect(),
        targets: targets.collect(),
        environment: environment(figures),
        scenario_file: text::line(&run.scenario.file),
        scenario_text: text::block(&run.scenario.text),
        command: text::command(&run.command),
        footer: text::line(&format!(
            "run {}, seed {}, {} {}, schema {} {}",
            run.run_id, run.seed, run.tool.name, run.tool.version, run.schema, run.schema_version
        )),
    };
    Ok(text::block(&page.render()?))
}

fn table(figures: &Figures, step: &StepFigures) -> StepTable {
    StepTable {
        name: step.name.clone(),
        load: step.load.clone(),
        rows: rows(figures, step, Column::ALL),
    }
}

fn figure(plot: Plot) -> Figure {
    let (wide, narrow) = chart::inline(&plot);
    Figure {
        plot_name: plot.name,
        title: plot.title,
        subtitle: plot.subtitle,
        description: plot.description,
        wide,
        narrow,
        columns: plot.columns,
        rows: plot.rows,
    }
}

fn card(figures: &Figures, target: &Target) -> TargetCard {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |key: &str, value: String| {
        if !value.is_empty() {
            facts.push((text::line(key), text::line(&value)));
        }
    };
    add("language", target.language.clone());
    for (key, value) in &target.stack {
        add(key, value.clone());
    }
    let versions: Vec<String> = target
        .versions
        .iter()
        .map(|(tool, version)| format!("{tool} {version}"))
        .collect();
    add("versions", versions.join(", "));
    if let Some(build) = &target.build {
        let size = number::bytes(build.artefact_bytes as f64);
        let cached = if build.cached { ", from the cache" } else { "" };
        add(
            "build",
            format!(
                "{size}, built in {}{cached}",
                number::time(build.duration_s * 1e9)
            ),
        );
    }
    let ready: Vec<f64> = figures
        .valid_trials(&target.id)
        .filter_map(|trial| Some(trial.start.as_ref()?.ready_ns as f64))
        .collect();
    if let Some(ready) = dyno_result::Summary::of(&ready) {
        let of = if ready.n == 1 {
            "1 start"
        } else {
            "median of the starts"
        };
        let range = match ready.n {
            1 => String::new(),
            _ => format!(", {}", number::time_range(ready.low, ready.high)),
        };
        add(
            "start-up",
            format!("{} ({of}{range})", number::time(ready.median)),
        );
    }
    add("conformance", conformance(target));
    add("manifest", format!("SHA-256 {}", target.manifest_sha256));
    TargetCard {
        name: text::line(&target.name),
        id: text::line(&target.id),
        class: target.class.word(),
        meaning: meaning(target.class),
        notes: text::line(&target.notes),
        excluded: text::line(target.excluded.as_deref().unwrap_or_default()),
        facts,
        command: text::command(&target.command),
    }
}

fn meaning(class: Class) -> &'static str {
    match class {
        Class::Published => "as in a blog post, faults included",
        Class::Stock => "library defaults, contract satisfied",
        Class::Production => "settings that the project's own deployment docs recommend",
        Class::Tuned => "anything that still passes the contract",
    }
}

fn conformance(target: &Target) -> String {
    let Some(conformance) = &target.conformance else {
        return "not checked".to_owned();
    };
    let failed: Vec<String> = conformance
        .checks
        .iter()
        .filter_map(|check| {
            let problem = check.problem.as_ref()?;
            let leave = if check.allowed {
                ", allowed for its class"
            } else {
                ""
            };
            Some(format!("{} ({problem}{leave})", check.id))
        })
        .collect();
    let passed = conformance.checks.len() - failed.len();
    let mut words = format!(
        "{}: {passed} of {} checks passed",
        conformance.contract,
        conformance.checks.len()
    );
    if !failed.is_empty() {
        words += &format!("; failed: {}", failed.join("; "));
    }
    words
}

fn environment(figures: &Figures) -> Vec<(&'static str, String)> {
    let it = &figures.recording.run.environment;
    let numbers = |cpus: &[u32]| {
        cpus.iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let yes = |value: Option<bool>| value.map(|yes| if yes { "on" } else { "off" }.to_owned());
    let pairs = |map: &std::collections::BTreeMap<String, String>| {
        let pairs: Vec<String> = map.iter().map(|(k, v)| format!("{k}: {v}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    };
    let port_range = it
        .port_range
        .map(|(first, last)| format!("{first} to {last}"));
    let facts = [
        ("CPU", it.cpu_model.clone()),
        (
            "CPUs",
            Some(format!(
                "{} online; dyno may use {}",
                it.cpus_online,
                numbers(&it.cpus_allowed)
            )),
        ),
        ("layout", Some(notes::layout(figures))),
        ("sibling threads", yes(it.smt)),
        ("frequency governor", it.governor.clone()),
        ("turbo", yes(it.turbo)),
        ("memory", Some(number::bytes(it.memory_bytes as f64))),
        ("swap", Some(number::bytes(it.swap_bytes as f64))),
        ("system", it.os.clone()),
        ("kernel", Some(it.kernel.clone())),
        ("hypervisor", it.hypervisor.clone()),
        ("clock", it.clocksource.clone()),
        ("transparent huge pages", it.transparent_hugepages.clone()),
        ("cgroup", Some(it.cgroup.clone())),
        ("open files", Some(number::count(it.open_files_limit))),
        ("somaxconn", it.somaxconn.map(|n| number::count(n.into()))),
        ("local ports", port_range),
        (
            "loopback MTU",
            it.loopback_mtu.map(|n| number::bytes(n.into())),
        ),
        (
            "load average before",
            it.noise.load_before.map(number::significant),
        ),
        (
            "load average after",
            it.noise.load_after.map(number::significant),
        ),
        (
            "stolen CPU time",
            it.noise.steal_fraction.map(number::percent),
        ),
        ("tools", pairs(&it.tools)),
        ("mitigations", pairs(&it.mitigations)),
    ];
    let known = facts.into_iter().map(|(key, value)| {
        let value = value.filter(|value| !value.is_empty());
        (key, text::line(&value.unwrap_or("not visible".to_owned())))
    });
    known.collect()
}

impl Cell {
    fn has_detail(&self) -> bool {
        !self.detail.is_empty()
    }
}
