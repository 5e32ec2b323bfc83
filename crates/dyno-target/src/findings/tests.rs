//! One good machine, and one change at a time.

use super::*;
use dyno_result::Noise;

fn good() -> Environment {
    let tool = |name: &str, version: &str| (name.to_owned(), version.to_owned());
    Environment {
        database: None,
        cpu_model: Some("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz".into()),
        cpus_online: 4,
        cpus_allowed: vec![0, 1, 2, 3],
        smt: Some(true),
        governor: Some("performance".into()),
        turbo: Some(false),
        kernel: "Linux 6.1.0-28-amd64 x86_64".into(),
        os: Some("Debian GNU/Linux 12 (bookworm)".into()),
        clocksource: Some("tsc".into()),
        transparent_hugepages: Some("madvise".into()),
        open_files_limit: 20_000,
        somaxconn: Some(4096),
        port_range: Some((32_768, 60_999)),
        loopback_mtu: Some(65_536),
        cgroup: "v2".into(),
        tools: [
            tool("go", "1.26.8"),
            tool("python3", "3.11.7"),
            tool("rustc", "1.95.0"),
        ]
        .into(),
        noise: Noise {
            load_before: Some(0.2),
            load_after: None,
            steal_fraction: Some(0.001),
            cpu_pressure_before_pct: Some(0.4),
        },
        ..Environment::default()
    }
}

#[test]
fn a_good_machine_has_nothing_to_mend() {
    let seen = findings(&good());
    assert_eq!(seen.len(), 16);
    for finding in seen {
        assert_eq!(
            (finding.level, &finding.remedy),
            (Level::Ok, &None),
            "{finding:?}"
        );
    }
}

#[test]
fn each_fault_is_named_with_what_mends_it() {
    type Change = fn(&mut Environment);
    #[rustfmt::skip]
    let cases: &[(&str, Change, Level, &str)] = &[
        ("CPUs",           |e| e.cpus_allowed = vec![2],                       Level::Warn,    ""),
        ("CPUs",           |e| e.cpus_allowed = vec![0, 1],                    Level::Warn,    ""),
        ("CPUs",           |e| { e.cpus_allowed = vec![0, 1]; e.smt = None },  Level::Ok,      ""),
        ("CPU governor",   |e| e.governor = None,                              Level::Ok,      ""),
        ("CPU governor",   |e| e.governor = Some("powersave".into()),          Level::Warn,    "performance | sudo tee"),
        ("turbo",          |e| e.turbo = Some(true),                           Level::Warn,    "intel_pstate/no_turbo"),
        ("turbo",          |e| { e.turbo = Some(true); e.cpu_model = None },   Level::Warn,    "cpufreq/boost"),
        ("clock",          |e| e.clocksource = Some("hpet".into()),            Level::Warn,    "current_clocksource"),
        ("clock",          |e| e.clocksource = Some("kvm-clock".into()),       Level::Ok,      ""),
        ("load average",   |e| e.noise.load_before = Some(1.5),                Level::Warn,    "ps -eo"),
        ("load average",   |e| e.noise.load_before = Some(4.0),                Level::Problem, "ps -eo"),
        ("CPU pressure",   |e| e.noise.cpu_pressure_before_pct = Some(9.0),    Level::Warn,    "ps -eo"),
        ("steal",          |e| e.noise.steal_fraction = Some(0.02),            Level::Warn,    ""),
        ("steal",          |e| e.noise.steal_fraction = Some(0.2),             Level::Problem, ""),
        ("huge pages",     |e| e.transparent_hugepages = Some("always".into()), Level::Warn,   "echo madvise"),
        ("open files",     |e| e.open_files_limit = 1023,                      Level::Problem, "prlimit"),
        ("open files",     |e| e.open_files_limit = 1024,                      Level::Warn,    "prlimit"),
        ("ports",          |e| e.port_range = Some((60_000, 60_999)),          Level::Problem, "ip_local_port_range"),
        ("ports",          |e| e.port_range = Some((50_000, 60_999)),          Level::Warn,    "ip_local_port_range"),
        ("ports",          |e| e.port_range = Some((9, 3)),                    Level::Problem, "ip_local_port_range"),
        ("listen queue",   |e| e.somaxconn = Some(128),                        Level::Warn,    "net.core.somaxconn=4096"),
        ("loopback",       |e| e.loopback_mtu = Some(1500),                    Level::Ok,      ""),
        ("loopback",       |e| e.loopback_mtu = Some(576),                     Level::Warn,    "mtu 65536"),
        ("control groups", |e| e.cgroup = "none".into(),                       Level::Ok,      ""),
        ("go",             |e| e.tools.clear(),                                Level::Warn,    "linux-amd64.tar.gz"),
        ("go",             |e| { e.tools.clear(); e.kernel = "Linux 6.1 aarch64".into() }, Level::Warn, "linux-arm64.tar.gz"),
        ("python3",        |e| e.tools.clear(),                                Level::Warn,    "apt-get install python3 python3-venv"),
        ("python3",        |e| { e.tools.clear(); e.os = Some("Fedora Linux 42".into()) }, Level::Warn, "dnf install python3"),
        ("rustc",          |e| e.tools.clear(),                                Level::Warn,    "sh.rustup.rs"),
    ];
    for (topic, change, level, remedy) in cases {
        let mut env = good();
        change(&mut env);
        let seen = findings(&env);
        let finding = seen.iter().find(|finding| finding.topic == *topic).unwrap();
        assert_eq!(finding.level, *level, "{finding:?}");
        let line = finding.remedy.as_deref().unwrap_or_default();
        assert!(
            line.contains(remedy) && remedy.is_empty() == line.is_empty(),
            "{finding:?}"
        );
    }
}

#[test]
fn what_is_not_visible_is_left_out() {
    let topics: Vec<_> = findings(&Environment::default())
        .iter()
        .map(|f| f.topic)
        .collect();
    assert_eq!(
        topics,
        [
            "CPU governor",
            "open files",
            "control groups",
            "go",
            "python3",
            "rustc"
        ]
    );
}
