//! The machine of the run, fact by fact; what could not be seen is said so.

use std::collections::BTreeMap;

use crate::figures::Figures;
use crate::{notes, number, text};

/// Names and values.
pub(super) fn facts(figures: &Figures) -> Vec<(&'static str, String)> {
    let it = &figures.recording.run.environment;
    let numbers = |cpus: &[u32]| {
        cpus.iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let yes = |value: Option<bool>| value.map(|yes| if yes { "on" } else { "off" }.to_owned());
    let pairs = |map: &BTreeMap<String, String>| {
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
