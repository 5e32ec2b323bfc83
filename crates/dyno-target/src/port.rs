//! A port for a target that nobody takes before the target does.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use crate::sockets::sockets;

/// Ports that need no privileges and are hardly ever somebody's by custom.
const POSSIBLE: RangeInclusive<u16> = 10_000..=65_535;

/// Fewer than this to choose from are left to the kernel.
const ENOUGH: usize = 1_000;

/// Tries to find one that is free.
const TRIES: u32 = 1_000;

/// A loopback port that nobody listens on. While this lives no other dyno gets
/// it, and the kernel does not give it to a connection: a target that takes tens
/// of milliseconds to listen would lose it in that time on a busy machine.
#[derive(Debug)]
pub struct Port {
    /// The port.
    pub number: u16,
    _claim: UnixDatagram,
}

impl Port {
    /// Finds one.
    ///
    /// # Errors
    /// There is none.
    pub fn free() -> io::Result<Self> {
        let candidates = outside(sockets().ports);
        for _ in 0..TRIES {
            let number = match candidates.len() {
                ENOUGH.. => candidates[fastrand::usize(..candidates.len())],
                _ => {
                    let any = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
                    any.local_addr()?.port()
                }
            };
            // The claim comes first: looking at a port occupies it for a moment.
            if let Ok(claim) = claim(number)
                && TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok()
            {
                let _claim = claim;
                return Ok(Self { number, _claim });
            }
        }
        Err(io::ErrorKind::AddrNotAvailable.into())
    }
}

/// A name that only one process of this network namespace can have at a time; the
/// kernel takes it back when that process ends.
fn claim(number: u16) -> io::Result<UnixDatagram> {
    let name = SocketAddr::from_abstract_name(format!("dyno/port/{number}"))?;
    UnixDatagram::bind_addr(&name)
}

/// The possible ports that the kernel does not give to connections.
fn outside(ports: Option<(u16, u16)>) -> Vec<u16> {
    let (first, last) = ports.unwrap_or((0, u16::MAX));
    let given = first..=last;
    POSSIBLE.filter(|port| !given.contains(port)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    #[test]
    fn connections_have_other_ports() {
        let check = |range, count, first, last| {
            let seen = outside(range);
            let ends = (seen.first().copied(), seen.last().copied());
            assert_eq!((seen.len(), ends), (count, (first, last)), "{range:?}");
        };
        let all = Some((32_768, 60_999));
        check(all, 22_768 + 4_536, Some(10_000), Some(65_535));
        check(Some((1_024, 65_535)), 0, None, None);
        check(Some((1_024, 65_000)), 535, Some(65_001), Some(65_535));
        check(None, 0, None, None);
    }

    /// Each is free at first sight; only the claims keep them apart.
    #[test]
    fn nobody_gets_a_port_that_another_one_has() {
        let find = || (0..100).map(|_| Port::free().unwrap()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| thread::spawn(find)).collect();
        let threads = threads.into_iter().map(|thread| thread.join().unwrap());
        let ports: Vec<Port> = threads.flatten().collect();
        let numbers: HashSet<u16> = ports.iter().map(|port| port.number).collect();
        assert_eq!(numbers.len(), 400);
        assert!(claim(ports[0].number).is_err());
        let number = ports[0].number;
        drop(ports);
        assert!(claim(number).is_ok());
    }
}
