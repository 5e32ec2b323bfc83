//! What the kernel grants: memory pages, files, ports, queues, groups.

use dyno_result::Environment;

use super::{Finding, Level};

pub(super) fn huge_pages(env: &Environment) -> Option<Finding> {
    let seen = env.transparent_hugepages.as_deref()?;
    Some(if seen == "always" {
        Finding::ok(
            "huge pages",
            seen,
            "memory comes in pieces of 2 MiB: memory figures grow and pauses appear",
        )
        .at(Level::Warn)
        .mended_by("echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled")
    } else {
        Finding::ok(
            "huge pages",
            seen,
            "only programs that ask for them get them",
        )
    })
}

pub(super) fn open_files(env: &Environment) -> Option<Finding> {
    let limit = env.open_files_limit;
    let finding = |meaning| Finding::ok("open files", limit.to_string(), meaning);
    let raise = "sudo prlimit --pid $$ --nofile=65536:65536";
    Some(match limit {
        0..1024 => finding("a few hundred connections use it up")
            .at(Level::Problem)
            .mended_by(raise),
        1024..10_000 => finding("thousands of connections use it up")
            .at(Level::Warn)
            .mended_by(raise),
        _ => finding("enough for thousands of connections"),
    })
}

pub(super) fn ports(env: &Environment) -> Option<Finding> {
    let (first, last) = env.port_range?;
    let count = u32::from(last).saturating_sub(u32::from(first)) + 1;
    let finding = |meaning| Finding::ok("ports", format!("{first} to {last}"), meaning);
    // A closed connection keeps its port for 60 s.
    let widen = "sudo sysctl -w net.ipv4.ip_local_port_range='1024 65535'";
    Some(match count {
        0..2_000 => finding("fewer than 35 new connections per second can be kept up")
            .at(Level::Problem)
            .mended_by(widen),
        2_000..20_000 => finding("fewer than 350 new connections per second can be kept up")
            .at(Level::Warn)
            .mended_by(widen),
        _ => finding("enough unless every request opens a connection"),
    })
}

pub(super) fn listen_queue(env: &Environment) -> Option<Finding> {
    let limit = env.somaxconn?;
    let finding = |meaning| Finding::ok("listen queue", limit.to_string(), meaning);
    Some(if limit < 4096 {
        finding("targets ask for 4096: bursts of new connections wait a second or are refused")
            .at(Level::Warn)
            .mended_by("sudo sysctl -w net.core.somaxconn=4096")
    } else {
        finding("targets get the queue they ask for")
    })
}

pub(super) fn loopback(env: &Environment) -> Option<Finding> {
    let mtu = env.loopback_mtu?;
    let finding = |meaning| Finding::ok("loopback", format!("packets of {mtu} bytes"), meaning);
    Some(match mtu {
        0..1500 => finding("smaller than on any network: every answer is cut into many packets")
            .at(Level::Warn)
            .mended_by("sudo ip link set dev lo mtu 65536"),
        1500..=9000 => finding("answers are cut into packets as on a network"),
        _ => finding("the usual value: larger answers cost less than on a network"),
    })
}

pub(super) fn control_groups(env: &Environment) -> Option<Finding> {
    let meaning = match env.cgroup.as_str() {
        "v2" | "v1" => "a target can have a group of its own where dyno may make one",
        _ => "what a target uses is added up over its processes",
    };
    Some(Finding::ok("control groups", env.cgroup.as_str(), meaning))
}
