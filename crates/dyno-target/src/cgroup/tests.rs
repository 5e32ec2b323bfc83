//! Texts of real kernels, and live groups where the machine lets us make them.

use std::process::{Child, Command};

use super::*;

const HYBRID: &str = "\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
";
const SYSTEMD: &str = "\
35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
";
const DOCKER_V1: &str = "\
812 811 0:29 /docker/4f2a /sys/fs/cgroup/cpu,cpuacct ro,nosuid,nodev,noexec,relatime master:11 - cgroup cgroup rw,cpu,cpuacct
";

#[test]
fn the_mode_is_where_the_controllers_are() {
    for (mountinfo, controllers, mode) in [
        (HYBRID, "hugetlb\n", "v1"),
        (
            SYSTEMD,
            "cpuset cpu io memory hugetlb pids rdma misc\n",
            "v2",
        ),
        (SYSTEMD, "", "v2"),
        (DOCKER_V1, "", "v1"),
        (
            "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n",
            "",
            "none",
        ),
        ("", "", "none"),
    ] {
        assert_eq!(
            mode_of(&parse_mounts(mountinfo), controllers),
            mode,
            "{mountinfo}"
        );
    }
}

#[test]
fn the_own_folder_is_found_through_the_mount() {
    let hybrid = "4:memory:/api/9e37\n2:cpuacct:/\n9:name=systemd:/\n0::/\n";
    for (mountinfo, index, own, folder) in [
        (HYBRID, 0, hybrid, Some("/sys/fs/cgroup/cpuacct")),
        (HYBRID, 1, hybrid, Some("/sys/fs/cgroup/memory/api/9e37")),
        (HYBRID, 3, hybrid, Some("/sys/fs/cgroup/unified")),
        (
            SYSTEMD,
            0,
            "0::/user.slice/user-1000.slice/session-2.scope\n",
            Some("/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope"),
        ),
        (
            DOCKER_V1,
            0,
            "4:cpu,cpuacct:/docker/4f2a\n",
            Some("/sys/fs/cgroup/cpu,cpuacct"),
        ),
        (DOCKER_V1, 0, "4:cpu,cpuacct:/other\n", None),
        (SYSTEMD, 0, "0::/../../outside\n", None),
        (SYSTEMD, 0, "4:memory:/\n", None),
    ] {
        let mount = &parse_mounts(mountinfo)[index];
        assert_eq!(
            own_folder(mount, own).as_deref(),
            folder.map(Path::new),
            "{own}"
        );
    }
}

#[test]
fn cpu_time_is_read() {
    let text = "usage_usec 1002104\nuser_usec 1002000\nsystem_usec 104\nnice_usec 0\n";
    assert_eq!(parse_cpu_stat(text), Some((1_002_000_000, 104_000)));
    assert_eq!(parse_cpu_stat("nr_periods 0\n"), None);
    assert_eq!(parse_cpuacct("user 100\nsystem 3\n"), Some((100, 3)));
    assert_eq!(parse_cpuacct(""), None);
}

#[test]
fn the_files_of_a_group_become_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
    let group = |version| Group {
        version,
        folders: vec![folder.path().to_owned()],
    };
    write("cgroup.procs", ""); // keeps the folder when a group is dropped
    assert_eq!(group(Version::V2).cpu(), None);
    assert_eq!(group(Version::V2).memory_peak(), None);

    write("cpuacct.usage", "1000\n");
    write("cpuacct.stat", "user 3\nsystem 1\n");
    write("memory.max_usage_in_bytes", "761856\n");
    assert_eq!(group(Version::V1).cpu(), Some((750, 250)));
    write("cpuacct.usage_user", "900\n");
    write("cpuacct.usage_sys", "90\n");
    assert_eq!(group(Version::V1).cpu(), Some((910, 90)));
    assert_eq!(group(Version::V1).memory_peak(), Some(761_856));

    write("memory.peak", "4096\n");
    assert_eq!(group(Version::V2).memory_peak(), Some(4096));
}

#[test]
fn only_plain_names_become_folders() {
    let folder = tempfile::tempdir().unwrap();
    for (name, made) in [
        ("", false),
        ("..", false),
        ("a/b", false),
        ("a", true),
        ("a", true),
    ] {
        assert_eq!(make(folder.path(), name).is_some(), made, "{name}");
    }
}

#[test]
fn a_live_group_counts_kills_and_goes() {
    // Not every machine lets us make one: that is the answer `None`.
    if let Some(group) = create(&format!("dyno-test-{}", std::process::id())) {
        live(group);
    }
}

#[test]
fn a_live_cpuacct_group_counts_kills_and_goes() {
    let mut mounts = mounts();
    mounts.retain(|mount| !mount.controllers.iter().any(|one| one == "memory"));
    let own = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let name = format!("dyno-test-v1-{}", std::process::id());
    if let Some(group) = create_v1(&mounts, &own, &name) {
        live(group);
    }
}

/// A child burns CPU until the group has seen some of it, then is killed.
fn live(group: Group) {
    let mut child = Command::new("sh")
        .args(["-c", "while :; do :; done"])
        .spawn()
        .unwrap();
    let seen = watch(&group, &child);
    let killed = group.kill();
    let _ = child.kill();
    child.wait().unwrap();
    killed.unwrap();
    let folders = group.folders.clone();
    group.remove().unwrap();
    assert!(seen);
    assert!(folders.iter().all(|folder| !folder.exists()));
}

fn watch(group: &Group, child: &Child) -> bool {
    if group.add(i32::try_from(child.id()).unwrap()).is_err() {
        return false;
    }
    (0..1000).any(|_| {
        thread::sleep(Duration::from_millis(5));
        group.cpu().is_some_and(|(user, system)| user + system > 0)
    })
}

#[test]
fn throttled_periods_of_both_versions() {
    for (text, expected) in [
        (
            "usage_usec 12\nnr_periods 90\nnr_throttled 7\nthrottled_usec 8\n",
            Some(7),
        ),
        ("nr_periods 0\nnr_throttled 0\nthrottled_time 0\n", Some(0)),
        ("usage_usec 12\nuser_usec 7\nsystem_usec 5\n", None),
        ("", None),
    ] {
        assert_eq!(parse_throttled(text), expected, "{text}");
    }
}
