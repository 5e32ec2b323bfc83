//! Before any load: are there enough open files and local ports for it? A run
//! that would fail for want of them is refused with the figures and the remedy.
//! Pure; the limits are read by `dyno-target`.

use dyno_scenario::{Load, Step, Until};
use dyno_target::{Manifest, Sockets};

use crate::failure::Failure;

/// Open files beside the connections: load threads, logs, the result.
const SPARE: u64 = 64;

/// How long a closed connection holds its port, s.
const TIME_WAIT_S: f64 = 60.0;

/// How long it does where the kernel may use the port again, s.
const REUSE_S: f64 = 1.0;

/// The way to the server, as far as ports matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) is_loopback: bool,
    /// Addresses that connections come from; each has all ports.
    pub(crate) sources: u64,
    /// Whether `--source-ip` can give more of them.
    pub(crate) can_have_more: bool,
}

/// Why a load is refused, and the ways out.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    message: String,
    hint: String,
}

/// Refuses what cannot work; otherwise says what to know of it. `route` is none
/// where no ports are used.
pub(crate) fn check(
    steps: &[Step],
    route: Option<Route>,
    machine: &Sockets,
) -> Result<Vec<String>, Failure> {
    let mut refusals: Vec<Refusal> = Vec::new();
    let largest = steps.iter().max_by_key(|step| connections(step));
    refusals.extend(largest.and_then(|step| open_files(step, machine)));
    let mut notes = Vec::new();
    if let Some(route) = route {
        refusals.extend(largest.and_then(|step| ports(step, route, machine)));
        let reconnecting = steps.iter().filter(|step| !step.keepalive);
        let fastest = reconnecting.max_by(|a, b| opened_per_s(a).total_cmp(&opened_per_s(b)));
        if let Some(step) = fastest {
            refusals.extend(reconnects(step, route, machine));
            notes.extend(note(step, route, machine));
        }
    }
    match refuse(&refusals) {
        Some(failure) => Err(failure),
        None => Ok(notes),
    }
}

/// Refuses a load for which a target may not open enough files: each connection
/// is one there, too.
pub(crate) fn check_target(steps: &[Step], manifest: &Manifest) -> Result<(), Failure> {
    let (Some(most), Some(limit)) = (steps.iter().map(connections).max(), manifest.limits.nofile)
    else {
        return Ok(());
    };
    let needed = u64::from(most) + SPARE;
    if needed <= limit {
        return Ok(());
    }
    let (most, id) = (count(most.into()), &manifest.id);
    let message = format!(
        "{most} connections need about {} open files in {id}, which allows itself {}",
        count(needed),
        count(limit)
    );
    let hint = format!("set nofile = {needed} in [limits] of its target.toml, or take it out");
    Err(Failure::input(message, hint))
}

/// All refusals as one, with every way out.
fn refuse(refusals: &[Refusal]) -> Option<Failure> {
    let join = |of: fn(&Refusal) -> &str, between: &str| {
        let parts: Vec<&str> = refusals.iter().map(of).collect();
        parts.join(between)
    };
    let (messages, hints) = (join(|r| &r.message, "; "), join(|r| &r.hint, "\nhint: "));
    (!refusals.is_empty()).then(|| Failure::input(messages, hints))
}

fn open_files(step: &Step, machine: &Sockets) -> Option<Refusal> {
    let (connections, limit) = (u64::from(connections(step)), machine.open_files?);
    let needed = connections + SPARE;
    (needed > limit).then(|| Refusal {
        message: format!(
            "{} connections need {} open files, and dyno may have {} here",
            count(connections),
            count(needed),
            count(limit)
        ),
        hint: format!(
            "`ulimit -n {needed}` before dyno (as root, or `sudo prlimit --pid $$ \
             --nofile={needed}:{needed}`; LimitNOFILE={needed} in a systemd unit), or at most {} \
             connections",
            limit.saturating_sub(SPARE)
        ),
    })
}

fn ports(step: &Step, route: Route, machine: &Sockets) -> Option<Refusal> {
    let (connections, each) = (u64::from(connections(step)), machine.port_count()?);
    let all = each * route.sources;
    (connections > all).then(|| Refusal {
        message: format!(
            "{} connections to one address need as many local ports, and there are {}",
            count(connections),
            have(machine, route)
        ),
        hint: format!(
            "{}or at most {all} connections",
            more_ports(connections, each, route)
        ),
    })
}

/// A clock opens connections faster than their ports come back.
fn reconnects(step: &Step, route: Route, machine: &Sockets) -> Option<Refusal> {
    let (per_s, each) = (opened_per_s(step), machine.port_count()?);
    if !per_s.is_finite() {
        return None;
    }
    let all = each * route.sources;
    let held_s = held_s(route, machine).min(length_s(step));
    let needed = per_s * held_s + f64::from(connections(step));
    (needed > all as f64).then(|| Refusal {
        message: format!(
            "{} new connections per second, each holding its port for {held_s:.0} s, need {} \
             local ports, and there are {}",
            count(per_s as u64),
            count(needed as u64),
            have(machine, route)
        ),
        hint: format!(
            "keep connections alive, {}or a rate of at most {}/s",
            more_ports(needed as u64, each, route),
            ((all as f64 - f64::from(connections(step))).max(0.0) / held_s).floor()
        ),
    })
}

/// What to know of a connection for every request.
fn note(step: &Step, route: Route, machine: &Sockets) -> Option<String> {
    let ports = machine.port_count()? * route.sources;
    if machine.are_ports_reused(route.is_loopback) {
        let mode = machine.reuse?;
        return Some(format!(
            "a new connection for every request: closed ones would hold their {} ports for a \
             minute, but the kernel uses ports again after a second (tcp_tw_reuse = {mode})",
            count(ports)
        ));
    }
    let held = machine.time_wait.unwrap_or(0);
    let free = ports.saturating_sub(held);
    // What a clock asks was judged already.
    let is_enough = match step.load {
        Load::Closed {
            until: Until::Requests(requests),
            ..
        } => requests <= free,
        Load::Closed { .. } => false,
        Load::Open { .. } => true,
    };
    (!is_enough).then(|| {
        format!(
            "a new connection for every request, and closed ones hold their port for a minute: \
             {} ports, {} of them held now, are used up after as many requests; then about {} a \
             second succeed, the rest fail as generator.ports",
            count(ports),
            count(held.min(ports)),
            count((ports as f64 / TIME_WAIT_S) as u64)
        )
    })
}

fn have(machine: &Sockets, route: Route) -> String {
    let (first, last) = machine.ports.unwrap_or_default();
    let each = machine.port_count().unwrap_or(0);
    match route.sources {
        1 => format!("{} ({first} to {last})", count(each)),
        many => format!(
            "{} ({first} to {last} on each of {many} source addresses)",
            count(each * many)
        ),
    }
}

/// Ways to more ports, ending in a comma.
fn more_ports(needed: u64, each: u64, route: Route) -> String {
    let widen = "`sudo sysctl -w net.ipv4.ip_local_port_range='1024 65535'`, ";
    let sources = needed.div_ceil(each.max(1));
    match (route.can_have_more, route.is_loopback) {
        (true, true) if sources <= 254 => {
            format!("{widen}more source addresses (--source-ip 127.0.0.1-127.0.0.{sources}), ")
        }
        (true, _) => format!(
            "{widen}more source addresses (--source-ip, {sources} addresses of this machine), "
        ),
        (false, _) => widen.to_owned(),
    }
}

fn held_s(route: Route, machine: &Sockets) -> f64 {
    if machine.are_ports_reused(route.is_loopback) {
        REUSE_S
    } else {
        TIME_WAIT_S
    }
}

fn connections(step: &Step) -> u32 {
    step.most_connections()
}

/// Connections that a step without keep-alive opens, as far as it is known
/// beforehand: infinite where the answers set the pace.
fn opened_per_s(step: &Step) -> f64 {
    match (&step.load, &step.search) {
        (Load::Closed { .. }, _) => f64::INFINITY,
        // How far a search goes is known only where it is told.
        (Load::Open { .. }, Some(search)) => search.to.unwrap_or(search.from),
        (Load::Open { profile, .. }, None) => profile.peak_per_second(),
    }
}

fn length_s(step: &Step) -> f64 {
    match (&step.load, &step.search) {
        (Load::Open { profile, .. }, None) => (step.warmup + profile.duration()).as_secs_f64(),
        // One probe follows the other.
        (Load::Open { .. }, Some(_)) | (Load::Closed { .. }, _) => f64::INFINITY,
    }
}

fn count(value: u64) -> String {
    dyno_report::number::count(value)
}

#[cfg(test)]
mod tests;
