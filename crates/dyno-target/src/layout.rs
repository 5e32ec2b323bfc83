//! Which CPUs serve the target and which the generator, and keeping to it.

use std::{fs, io};

use dyno_result::Layout;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::host::parse_cpu_list;

/// Divides the CPUs that dyno may use, threads of one core kept together.
///
/// One CPU is always shared. Two or three: one each. Four or five: two for the
/// target, one for the generator. From six on: two each. The rest is for the
/// system and for databases, so a figure does not change with the size of the
/// machine. `shared` gives all CPUs to both.
pub fn choose(allowed: &[u32], shared: bool) -> Layout {
    divide(&by_core(allowed, &siblings(allowed)), shared)
}

/// CPUs that the calling thread may use, ascending. Ask before pinning.
pub fn allowed_cpus() -> io::Result<Vec<u32>> {
    let set = sched_getaffinity(Pid::from_raw(0))?;
    Ok((0..CpuSet::count())
        .filter(|cpu| set.is_set(*cpu).unwrap_or(false))
        .filter_map(|cpu| u32::try_from(cpu).ok())
        .collect())
}

/// Keeps every thread of dyno on these CPUs; later threads and processes
/// inherit it from the thread that starts them.
pub fn pin_current_process(cpus: &[u32]) -> io::Result<()> {
    pin(Pid::this().as_raw(), cpus)
}

/// Keeps every thread of a process on these CPUs. Its children are not
/// touched: pin before they are born. Threads that end meanwhile are no error.
pub fn pin(pid: i32, cpus: &[u32]) -> io::Result<()> {
    let set = cpu_set(cpus)?;
    for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
        let Some(thread) = entry?
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        match sched_setaffinity(Pid::from_raw(thread), &set) {
            Ok(()) | Err(nix::errno::Errno::ESRCH) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Keeps the calling thread on these CPUs, and what it starts from now on.
pub fn pin_current_thread(cpus: &[u32]) -> io::Result<()> {
    Ok(sched_setaffinity(Pid::from_raw(0), &cpu_set(cpus)?)?)
}

/// The CPUs in an order that keeps the threads of a core next to each other.
/// `siblings` names the threads of each core; a CPU of none stands alone.
fn by_core(allowed: &[u32], siblings: &[Vec<u32>]) -> Vec<u32> {
    let mut ordered: Vec<u32> = Vec::new();
    for &cpu in allowed {
        let core = siblings.iter().find(|core| core.contains(&cpu));
        let core = core.map_or(&[] as &[u32], Vec::as_slice);
        for &thread in [cpu].iter().chain(core) {
            if allowed.contains(&thread) && !ordered.contains(&thread) {
                ordered.push(thread);
            }
        }
    }
    ordered
}

fn divide(cpus: &[u32], shared: bool) -> Layout {
    let (target, generator) = match cpus.len() {
        _ if shared => (0, 0),
        0 | 1 => (0, 0),
        2 | 3 => (1, 1),
        4 | 5 => (2, 1),
        _ => (2, 2),
    };
    if target == 0 {
        return Layout {
            target_cpus: cpus.to_vec(),
            generator_cpus: cpus.to_vec(),
            shared: true,
        };
    }
    Layout {
        target_cpus: cpus[..target].to_vec(),
        generator_cpus: cpus[target..target + generator].to_vec(),
        shared: false,
    }
}

/// The threads of each CPU's core, as far as the kernel tells.
fn siblings(cpus: &[u32]) -> Vec<Vec<u32>> {
    cpus.iter()
        .filter_map(|cpu| {
            let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
            parse_cpu_list(&fs::read_to_string(path).ok()?)
        })
        .collect()
}

fn cpu_set(cpus: &[u32]) -> io::Result<CpuSet> {
    let mut set = CpuSet::new();
    for &cpu in cpus {
        set.set(cpu as usize)?;
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_are_divided_the_same_way_on_every_machine() {
        type Case = (&'static [u32], &'static [u32], &'static [u32], bool);
        #[rustfmt::skip]
        let cases: &[Case] = &[
            (&[],                 &[],     &[],     true),
            (&[3],                &[3],    &[3],    true),
            (&[0, 1],             &[0],    &[1],    false),
            (&[0, 1, 2],          &[0],    &[1],    false),
            (&[0, 1, 2, 3],       &[0, 1], &[2],    false),
            (&[1, 3, 5, 7, 9],    &[1, 3], &[5],    false),
            (&[0, 1, 2, 3, 4, 5], &[0, 1], &[2, 3], false),
            (&[8, 9, 2, 3, 4, 5, 6, 7], &[8, 9], &[2, 3], false),
        ];
        for (cpus, target, generator, shared) in cases {
            let layout = divide(cpus, false);
            assert_eq!(layout.target_cpus, *target, "{cpus:?}");
            assert_eq!(layout.generator_cpus, *generator, "{cpus:?}");
            assert_eq!(layout.shared, *shared, "{cpus:?}");
        }
        let layout = divide(&[0, 1, 2], true);
        assert_eq!(layout.target_cpus, [0, 1, 2]);
        assert_eq!(layout.generator_cpus, [0, 1, 2]);
        assert!(layout.shared);
    }

    #[test]
    fn threads_of_a_core_stay_together() {
        // Four vCPUs of two cores, as large clouds number them.
        let cores = [vec![0, 2], vec![1, 3], vec![0, 2], vec![1, 3]];
        assert_eq!(by_core(&[0, 1, 2, 3], &cores), [0, 2, 1, 3]);
        assert_eq!(by_core(&[0, 1, 3], &cores), [0, 1, 3]);
        assert_eq!(by_core(&[4, 5], &[]), [4, 5]);
    }

    #[test]
    fn a_thread_can_be_pinned() {
        let thread = std::thread::spawn(|| {
            let allowed = allowed_cpus().unwrap();
            let last = *allowed.last().unwrap();
            pin_current_thread(&[last]).unwrap();
            (allowed_cpus().unwrap(), last)
        });
        let (now, last) = thread.join().unwrap();
        assert_eq!(now, [last]);
        assert!(pin_current_thread(&[]).is_err());
    }
}
