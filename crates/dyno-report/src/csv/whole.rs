//! The values of a target and of a whole trial, whatever its steps.

use dyno_result::{Run, Target, Trial};

use super::Value;

/// What is the same in all trials of a target.
pub(super) fn of_target(target: &Target) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    let mut add = |metric: &str, value: Option<String>, unit| {
        values.extend(value.map(|value| (metric.to_owned(), value, unit)));
    };
    let real = |value: Option<f64>| value.map(|value| value.to_string());
    if let Some(size) = &target.size {
        add("code_lines", size.code_lines.map(|n| n.to_string()), "1");
        add("source_gzip", Some(size.gzip_bytes.to_string()), "B");
        let dependencies = size.dependencies.as_ref();
        let direct = dependencies.and_then(|all| all.direct);
        add("dependencies_direct", direct.map(|n| n.to_string()), "1");
        add(
            "dependencies",
            dependencies.map(|all| all.total.to_string()),
            "1",
        );
    }
    if let Some(build) = &target.build {
        add("artefact", Some(build.artefact_bytes.to_string()), "B");
        add("build", Some(build.duration_s.to_string()), "s");
        add("build_cold", real(build.cold_s), "s");
        add("build_warm", real(build.warm_s), "s");
    }
    values
}

/// What a trial has besides its steps.
pub(super) fn of_process(trial: &Trial, run: &Run) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    let mut add = |metric: &str, value: Option<u64>, unit| {
        values.extend(value.map(|value| (metric.to_owned(), value.to_string(), unit)));
    };
    let start = trial.start.as_ref();
    add("start_listen", start.map(|start| start.listen_ns), "ns");
    add("start_ready", start.map(|start| start.ready_ns), "ns");
    add("start_first", start.and_then(|start| start.first_ns), "ns");
    add(
        "stop",
        trial.stop.as_ref().map(|stop| stop.duration_ns),
        "ns",
    );
    let last = trial.steps.last().and_then(|step| step.resources.as_ref());
    let after = last.and_then(|resources| resources.after.as_ref());
    for (name, mark) in [("idle", trial.idle.as_ref()), ("after", after)] {
        add(&format!("{name}_rss"), mark.map(|mark| mark.rss_bytes), "B");
        add(
            &format!("{name}_pss"),
            mark.and_then(|mark| mark.pss_bytes),
            "B",
        );
    }
    if let Some(time) = &trial.hash_time {
        add("hash_cost", Some(time.cost.into()), "1");
        add("hash_time", Some(time.time_ns), "ns");
        let ceiling = time.ceiling_per_s(run.layout.target_cpus.len());
        values.extend(ceiling.map(|n| ("hash_ceiling".to_owned(), n.to_string(), "1/s")));
    }
    values
}
