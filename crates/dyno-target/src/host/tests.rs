//! Texts of real kernels and tools.

use super::*;

#[test]
fn cpu_lists_are_read() {
    for (text, cpus) in [
        ("0-1\n", Some(vec![0, 1])),
        ("0\n", Some(vec![0])),
        ("0-2,4,6-7\n", Some(vec![0, 1, 2, 4, 6, 7])),
        ("\n", Some(vec![])),
        ("two", None),
        ("1-", None),
    ] {
        assert_eq!(parse_cpu_list(text), cpus, "{text}");
    }
}

#[test]
fn stolen_time_is_a_share_of_all_time() {
    let times = |text| parse_cpu_times(text).unwrap();
    let before = times(
        "cpu  61203 0 8057 196384 747 0 105 25 0 0\ncpu0 29925 0 3525 99663 142 0 15 9 0 0\n",
    );
    assert_eq!(before.total_ticks, 266_521);
    assert_eq!(before.busy_ticks, 69_365);
    let after = times("cpu  61253 0 8057 196429 747 0 105 30 7 0\n");
    assert_eq!(steal_fraction(before, after), Some(0.05));
    assert_eq!(steal_fraction(before, before), None);
    assert_eq!(steal_fraction(after, before), None);
    assert_eq!(parse_cpu_times("cpu0 1 2 3 4 5 6 7 8\n"), None);
    assert_eq!(parse_cpu_times("cpu  1 2 3\n"), None);
}

#[test]
fn small_files_are_read() {
    assert_eq!(parse_load("0.23 0.41 0.40 2/89 15260\n"), Some(0.23));
    let pressure = "some avg10=1.16 avg60=0.73 avg300=1.10 total=28153811\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
    assert_eq!(parse_pressure(pressure), Some(1.16));
    assert_eq!(parse_pressure(""), None);
    let meminfo =
        "MemTotal:       24684084 kB\nMemFree:        24442904 kB\nSwapTotal:             0 kB\n";
    assert_eq!(parse_meminfo(meminfo, "MemTotal:"), Some(24_684_084 * 1024));
    assert_eq!(parse_meminfo(meminfo, "SwapTotal:"), Some(0));
    assert_eq!(parse_meminfo(meminfo, "HugePages:"), None);
    let os = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n";
    assert_eq!(
        parse_os(os).as_deref(),
        Some("Debian GNU/Linux 12 (bookworm)")
    );
    assert_eq!(
        parse_choice("always [madvise] never\n").as_deref(),
        Some("madvise")
    );
    assert_eq!(parse_choice("always\n"), None);
    assert_eq!(parse_ports("32768\t60999\n"), Some((32768, 60999)));
    assert_eq!(parse_ports("32768\n"), None);
}

#[test]
fn the_cpu_says_its_name_and_its_hypervisor() {
    let x86 = "processor\t: 0\nmodel\t\t: 2\nmodel name\t: AMD EPYC\nflags\t\t: fpu vme x2apic hypervisor lahf_lm\n";
    assert_eq!(parse_cpu_model(x86).as_deref(), Some("AMD EPYC"));
    assert!(parse_flag(x86, "hypervisor"));
    assert!(!parse_flag(x86, "visor"));
    let arm = "processor\t: 0\nBogoMIPS\t: 108.00\nHardware\t: BCM2835\n";
    assert_eq!(parse_cpu_model(arm).as_deref(), Some("BCM2835"));
    assert!(!parse_flag(arm, "hypervisor"));
}

#[test]
fn versions_are_found_in_what_tools_say() {
    for (text, version) in [
        ("go version go1.26.8 linux/amd64\n", Some("1.26.8")),
        ("Python 3.11.7\n", Some("3.11.7")),
        ("rustc 1.95.0 (59807616e 2026-04-14)\n", Some("1.95.0")),
        ("v22.1.0\n", Some("22.1.0")),
        ("command not found\n", None),
    ] {
        assert_eq!(parse_version(text).as_deref(), version, "{text}");
    }
}

#[test]
fn this_machine_can_be_described() {
    let limit = raise_open_files().unwrap();
    let seen = environment();
    assert_eq!(seen.open_files_limit, limit);
    assert!(seen.cpus_online as usize >= seen.cpus_allowed.len());
    assert!(!seen.cpus_allowed.is_empty() && seen.memory_bytes > 0);
    assert!(seen.kernel.starts_with("Linux "));
    assert!(["v2", "v1", "none"].contains(&seen.cgroup.as_str()));
    assert!(seen.noise.load_before.is_some() && cpu_times().is_some());
}
