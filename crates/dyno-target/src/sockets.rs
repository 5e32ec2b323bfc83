//! How many sockets this machine lets dyno have: open files, local ports, and
//! what becomes of the ports of closed connections.

use std::fs;

use nix::sys::resource::{Resource, getrlimit};

/// The kernel's limits on sockets. What it does not show is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sockets {
    /// Files that this process may have open.
    pub open_files: Option<u64>,
    /// First and last local port that the kernel gives out.
    pub ports: Option<(u16, u16)>,
    /// `tcp_tw_reuse`: when the port of a closed connection is used again after
    /// a second instead of a minute. 0 never, 1 always, 2 on loopback.
    pub reuse: Option<u8>,
    /// Closed connections of the whole machine that still hold their port.
    pub time_wait: Option<u64>,
}

/// Looks at the limits; call it after [`crate::host::raise_open_files`].
pub fn sockets() -> Sockets {
    let read = |path: &str| fs::read_to_string(path).ok();
    Sockets {
        open_files: getrlimit(Resource::RLIMIT_NOFILE)
            .ok()
            .map(|(soft, _)| soft),
        ports: read("/proc/sys/net/ipv4/ip_local_port_range").and_then(|text| parse_ports(&text)),
        reuse: read("/proc/sys/net/ipv4/tcp_tw_reuse").and_then(|text| text.trim().parse().ok()),
        time_wait: read("/proc/net/sockstat").and_then(|text| parse_time_wait(&text)),
    }
}

impl Sockets {
    /// Local ports of one source address.
    pub fn port_count(&self) -> Option<u64> {
        let (first, last) = self.ports?;
        Some(u64::from(last).saturating_sub(first.into()) + 1)
    }

    /// Whether ports of closed connections to such a server are soon used again.
    pub fn are_ports_reused(&self, is_loopback: bool) -> bool {
        match self.reuse {
            Some(2) => is_loopback,
            Some(mode) => mode != 0,
            None => false,
        }
    }
}

/// The first and the last port, with a tab between them.
pub(crate) fn parse_ports(text: &str) -> Option<(u16, u16)> {
    let mut ports = text.split_ascii_whitespace().map(|port| port.parse().ok());
    Some((ports.next()??, ports.next()??))
}

/// `tw` of the line `TCP:` of `/proc/net/sockstat`.
fn parse_time_wait(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("TCP:"))?;
    let mut words = line
        .split_ascii_whitespace()
        .skip_while(|word| *word != "tw");
    words.nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_read() {
        let text = "sockets: used 15\nTCP: inuse 1 orphan 0 tw 27 alloc 1 mem 357\nUDP: inuse 0\n";
        assert_eq!(parse_time_wait(text), Some(27));
        assert_eq!(parse_time_wait("TCP: inuse 1 tw\n"), None);
        assert_eq!(parse_time_wait("UDP: inuse 0\n"), None);
        assert_eq!(parse_ports("32768\t60999\n"), Some((32768, 60999)));
        assert_eq!(parse_ports("32768\n"), None);
    }

    #[test]
    fn ports_are_used_again_where_the_kernel_says_so() {
        let check = |reuse, is_loopback, expected| {
            let sockets = Sockets {
                reuse,
                ..Sockets::default()
            };
            assert_eq!(sockets.are_ports_reused(is_loopback), expected, "{reuse:?}");
        };
        check(Some(0), true, false);
        check(Some(1), false, true);
        check(Some(2), true, true);
        check(Some(2), false, false);
        check(None, true, false);
    }

    #[test]
    fn this_machine_has_limits() {
        let sockets = sockets();
        assert!(sockets.open_files.is_some_and(|files| files > 0));
        assert!(sockets.port_count().is_some_and(|ports| ports > 0));
    }
}
