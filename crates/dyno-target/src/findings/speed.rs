//! What makes the CPUs faster, slower or busy with something else.

use dyno_result::Environment;

use super::{Finding, Level};

pub(super) fn cpus(env: &Environment) -> Option<Finding> {
    let allowed = env.cpus_allowed.len();
    let seen = format!("{allowed} of {} usable", env.cpus_online);
    let finding = |meaning| Finding::ok("CPUs", seen.clone(), meaning);
    Some(match allowed {
        0 => return None,
        1 => finding("target and generator share the CPU: figures are marked as shared")
            .at(Level::Warn),
        2 if env.smt == Some(true) => {
            finding("both may be threads of one core: target and generator slow each other down")
                .at(Level::Warn)
        }
        2 | 3 => finding("the target gets one CPU, the generator another"),
        4 | 5 => finding("the target gets two CPUs, the generator one"),
        _ => finding("target and generator get two CPUs each"),
    })
}

pub(super) fn governor(env: &Environment) -> Option<Finding> {
    let topic = "CPU governor";
    Some(match env.governor.as_deref() {
        None => Finding::ok(
            topic,
            "not visible",
            "the frequency is not ours to set, as in most virtual machines",
        ),
        Some("performance") => Finding::ok(
            topic,
            "performance",
            "the frequency does not follow the load",
        ),
        Some(other) => Finding::ok(
            topic,
            other,
            "a lightly loaded target runs on slower CPUs than a busy one",
        )
        .at(Level::Warn)
        .mended_by(
            "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
        ),
    })
}

pub(super) fn turbo(env: &Environment) -> Option<Finding> {
    if !env.turbo? {
        return Some(Finding::ok(
            "turbo",
            "off",
            "the frequency does not depend on heat and on idle neighbours",
        ));
    }
    let intel = env
        .cpu_model
        .as_deref()
        .is_some_and(|model| model.contains("Intel"));
    let line = if intel {
        "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"
    } else {
        "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost"
    };
    let meaning =
        "the frequency depends on heat and on idle neighbours: later trials may be slower";
    Some(
        Finding::ok("turbo", "on", meaning)
            .at(Level::Warn)
            .mended_by(line),
    )
}

pub(super) fn clock(env: &Environment) -> Option<Finding> {
    let seen = env.clocksource.as_deref()?;
    let quick =
        ["tsc", "kvm-clock", "arch_sys_counter"].contains(&seen) || seen.starts_with("hyperv");
    Some(if quick {
        Finding::ok("clock", seen, "read without a system call")
    } else {
        Finding::ok(
            "clock",
            seen,
            "every reading is a system call: generator and target both pay for it",
        )
        .at(Level::Warn)
        .mended_by(
            "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource",
        )
    })
}

const WHO_IS_BUSY: &str = "ps -eo pid,pcpu,comm --sort=-pcpu | head";

pub(super) fn load(env: &Environment) -> Option<Finding> {
    let load = env.noise.load_before?;
    let per_cpu = load / f64::from(env.cpus_online.max(1));
    let finding = |meaning| Finding::ok("load average", format!("{load:.2}"), meaning);
    Some(match per_cpu {
        busy if busy > 0.75 => finding("the machine is at work for somebody else")
            .at(Level::Problem)
            .mended_by(WHO_IS_BUSY),
        busy if busy > 0.25 => finding("other work takes CPU time from target and generator")
            .at(Level::Warn)
            .mended_by(WHO_IS_BUSY),
        _ => finding("the machine is quiet"),
    })
}

pub(super) fn pressure(env: &Environment) -> Option<Finding> {
    let percent = env.noise.cpu_pressure_before_pct?;
    let finding = |meaning| Finding::ok("CPU pressure", format!("{percent:.1} %"), meaning);
    Some(if percent > 5.0 {
        finding("threads wait for a CPU before dyno has started")
            .at(Level::Warn)
            .mended_by(WHO_IS_BUSY)
    } else {
        finding("no thread waits for a CPU")
    })
}

pub(super) fn steal(env: &Environment) -> Option<Finding> {
    let percent = env.noise.steal_fraction? * 100.0;
    let finding = |meaning| Finding::ok("steal", format!("{percent:.1} %"), meaning);
    Some(match percent {
        much if much > 10.0 => {
            finding("the hypervisor gives our CPUs to others: use another machine")
                .at(Level::Problem)
        }
        some if some > 1.0 => {
            finding("the hypervisor gives our CPUs to others: repeat at a quieter time")
                .at(Level::Warn)
        }
        _ => finding("the hypervisor leaves us our CPUs"),
    })
}
