//! Where a URL and the flags beside it lead. What contradicts itself is refused
//! here, before any load.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};

use dyno_engine::{Address, Endpoint, Protocol, Tls, Trust};
use url::Url;

use crate::args::Transport;
use crate::failure::Failure;

/// The address of `url` under `flags`; looks up its host.
pub(crate) async fn address(url: &Url, flags: &Transport) -> Result<Address, Failure> {
    let host = url.host_str().unwrap_or_default();
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let sources = flags.source_ip.concat();
    let endpoint = match &flags.unix_socket {
        Some(path) if !path.exists() => {
            let message = format!("there is no socket {}", path.display());
            return Err(Failure::input(
                message,
                "start the server, or correct --unix-socket",
            ));
        }
        Some(path) => Endpoint::Unix(path.clone()),
        None => Endpoint::Tcp(look_up(url, flags, &sources).await?),
    };
    usable(&sources)?;
    Ok(Address {
        endpoint,
        authority,
        tls: tls(url, flags)?,
        protocol: match flags.http2 {
            true => Protocol::Http2 {
                streams: flags.http2_streams.unwrap_or(1),
            },
            false => Protocol::Http1,
        },
        sources,
    })
}

fn tls(url: &Url, flags: &Transport) -> Result<Option<Tls>, Failure> {
    let trust = match &flags.cacert {
        Some(path) => Trust::File(path.clone()),
        None if flags.insecure => Trust::Anyone,
        None => Trust::System,
    };
    match (url.scheme(), trust) {
        ("https", trust) => Ok(Some(Tls {
            server_name: bare(url.host_str().unwrap_or_default()).to_owned(),
            trust,
        })),
        (_, Trust::System) => Ok(None),
        _ => {
            let message = "--insecure and --cacert say which certificates to believe, \
                           but http:// has none";
            let hint = "leave them out, or give a URL that begins with https://";
            Err(Failure::input(message, hint))
        }
    }
}

/// Where to connect to: the first address of the host, or what `--connect-to`
/// puts in its place.
async fn look_up(url: &Url, flags: &Transport, from: &[IpAddr]) -> Result<SocketAddr, Failure> {
    let host = bare(url.host_str().unwrap_or_default());
    let port = url.port_or_known_default().unwrap_or(80);
    let instead = flags
        .connect_to
        .iter()
        .find(|rule| rule.applies(host, port));
    let (host, port) = match instead {
        Some(rule) => rule.destination(host, port),
        None => (host, port),
    };
    let found = tokio::net::lookup_host((host, port)).await;
    let mut found = found.map_err(|error| {
        let message = format!("could not look up {host:?}: {error}");
        Failure::input(message, "check the host name")
    })?;
    let fits = |address: &SocketAddr| from.iter().all(|ip| ip.is_ipv4() == address.is_ipv4());
    found.find(fits).ok_or_else(|| {
        let message = match from {
            [] => format!("{host:?} has no address"),
            _ => format!("{host:?} has no address of the kind that --source-ip names"),
        };
        Failure::input(message, "check the host name, and IPv4 against IPv6")
    })
}

/// Whether this machine has the addresses.
fn usable(sources: &[IpAddr]) -> Result<(), Failure> {
    for source in sources {
        match TcpListener::bind((*source, 0)) {
            // All of its ports are taken now: that is for `preflight` to judge.
            Err(error) if error.kind() != ErrorKind::AddrInUse => {
                return Err(Failure::input(
                    format!("could not use {source} as a source address: {error}"),
                    "give addresses of this machine, like 127.0.0.1-127.0.0.8",
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A host without the brackets of IPv6.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// `HOST:PORT:ADDR:PORT`; what is empty before applies to all, what is empty
/// behind changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectTo {
    from: (String, Option<u16>),
    to: (String, Option<u16>),
}

impl ConnectTo {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "write it as HOST:PORT:ADDR:PORT, IPv6 in [brackets]".to_owned();
        let mut parts = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest {
            let end = match text.strip_prefix('[') {
                Some(inner) => inner.find(']').ok_or_else(wrong)? + 2,
                None => text.find(':').unwrap_or(text.len()),
            };
            parts.push(bare(&text[..end]));
            rest = match &text[end..] {
                "" => None,
                after => Some(after.strip_prefix(':').ok_or_else(wrong)?),
            };
        }
        let port = |text: &str| match text {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| wrong()),
        };
        match parts[..] {
            [host, from, address, to] => Ok(Self {
                from: (host.to_owned(), port(from)?),
                to: (address.to_owned(), port(to)?),
            }),
            _ => Err(wrong()),
        }
    }

    fn applies(&self, host: &str, port: u16) -> bool {
        let (wanted, wanted_port) = &self.from;
        (wanted.is_empty() || wanted.eq_ignore_ascii_case(host))
            && wanted_port.is_none_or(|wanted| wanted == port)
    }

    fn destination<'a>(&'a self, host: &'a str, port: u16) -> (&'a str, u16) {
        let (to, to_port) = &self.to;
        let host = if to.is_empty() { host } else { to };
        (host, to_port.unwrap_or(port))
    }
}

/// `ADDR`, `FIRST-LAST`, or `FIRST-N` where N replaces the last number of an
/// IPv4 address.
pub(crate) fn parse_sources(text: &str) -> Result<Vec<IpAddr>, String> {
    const MOST: usize = 4096;
    let wrong = || "write it as 127.0.0.1, or 127.0.0.1-127.0.0.8".to_owned();
    let Some((first, last)) = text.split_once('-') else {
        return Ok(vec![text.parse().map_err(|_| wrong())?]);
    };
    let first: IpAddr = first.parse().map_err(|_| wrong())?;
    let last = match (first, last.parse::<u8>()) {
        (IpAddr::V4(first), Ok(last)) => {
            let [a, b, c, _] = first.octets();
            IpAddr::from([a, b, c, last])
        }
        _ => last.parse().map_err(|_| wrong())?,
    };
    let addresses: Vec<IpAddr> = match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => (first.to_bits()..=last.to_bits())
            .take(MOST + 1)
            .map(|bits| IpAddr::V4(bits.into()))
            .collect(),
        (IpAddr::V6(first), IpAddr::V6(last)) => (first.to_bits()..=last.to_bits())
            .take(MOST + 1)
            .map(|bits| IpAddr::V6(bits.into()))
            .collect(),
        _ => return Err(wrong()),
    };
    match addresses.len() {
        0 => Err("the range is empty: the first address is above the last".to_owned()),
        count if count > MOST => Err(format!("at most {MOST} addresses")),
        _ => Ok(addresses),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_to_leads_elsewhere() {
        let check = |rule: &str, host: &str, expected: Option<(&str, u16)>| {
            let rule = ConnectTo::parse(rule).unwrap();
            let seen = rule.applies(host, 80).then(|| rule.destination(host, 80));
            assert_eq!(seen, expected, "{rule:?}");
        };
        check(
            "a.test:80:127.0.0.1:8080",
            "A.test",
            Some(("127.0.0.1", 8080)),
        );
        check("a.test:81:127.0.0.1:8080", "a.test", None);
        check("b.test:80:127.0.0.1:8080", "a.test", None);
        check("::127.0.0.1:", "a.test", Some(("127.0.0.1", 80)));
        check(":::8080", "a.test", Some(("a.test", 8080)));
        check("[::1]:80:[::2]:90", "::1", Some(("::2", 90)));
        for wrong in [
            "",
            "a:80",
            "a:b:c:d",
            "a:80:b:80:c",
            "[::1:80:b:80",
            "[::1]x:80:b:80",
        ] {
            assert!(ConnectTo::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn sources_are_one_or_a_range() {
        let check = |text: &str, expected: Option<&[&str]>| {
            let seen = parse_sources(text).ok();
            let expected = expected.map(|all| all.iter().map(|ip| ip.parse().unwrap()).collect());
            assert_eq!(seen, expected, "{text:?}");
        };
        check("127.0.0.1", Some(&["127.0.0.1"]));
        check(
            "127.0.0.1-127.0.0.3",
            Some(&["127.0.0.1", "127.0.0.2", "127.0.0.3"]),
        );
        check("127.0.0.9-10", Some(&["127.0.0.9", "127.0.0.10"]));
        check("127.0.0.255-127.0.1.0", Some(&["127.0.0.255", "127.0.1.0"]));
        check("::1-::2", Some(&["::1", "::2"]));
        check("127.0.0.2-1", None);
        check("127.0.0.1-::1", None);
        check("127.0.0.1-127.255.255.255", None);
        check("localhost", None);
        check("127.0.0.1-300", None);
    }
}
