//! A load over some transport, and what became of it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use dyno_engine::{Address, Error, Play, Played, Protocol, Stock, Stop, Tls, Trust, play};
use dyno_result::FailureKind;
use dyno_scenario::{Check, Load, Plan, Request, Step, Until};
use tempfile::TempDir;

/// HTTP/2, a request at a time on each connection.
pub(crate) const HTTP2: Protocol = Protocol::Http2 { streams: 1 };

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) path: &'static str,
    pub(crate) body: Option<&'static [u8]>,
    pub(crate) connections: u32,
    pub(crate) requests: u64,
    pub(crate) timeout: Duration,
    pub(crate) threads: usize,
    pub(crate) keepalive: bool,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            path: "/ok",
            body: Some(b"ok"),
            connections: 2,
            requests: 40,
            timeout: Duration::from_secs(10),
            threads: 1,
            keepalive: true,
        }
    }
}

impl Case {
    pub(crate) async fn try_play(&self, address: &Address) -> Result<Played, Error> {
        let request = Request {
            checks: (self.body)
                .map(|body| Check::BodyEquals(body.to_vec()))
                .into_iter()
                .collect(),
            ..Request::new("GET", self.path)
        };
        let plan = Plan::of(vec![request]);
        self.try_play_plan(&plan, &Stock::default(), address).await
    }

    pub(crate) async fn try_play_plan(
        &self,
        plan: &Plan,
        stock: &Stock,
        address: &Address,
    ) -> Result<Played, Error> {
        let step = Step {
            id: "step".to_owned(),
            name: "step".to_owned(),
            load: Load::Closed {
                connections: self.connections,
                until: Until::Requests(self.requests),
            },
            search: None,
            warmup: Duration::ZERO,
            timeout: self.timeout,
            keepalive: self.keepalive,
        };
        let what = Play {
            step: &step,
            plan,
            stock,
            address,
            threads: &vec![None; self.threads],
            seed: 1,
            pacing: dyno_result::Pacing::Sleep,
            stop: &Stop::default(),
        };
        play(what, &mut |_| {}).await
    }

    pub(crate) async fn play(&self, address: &Address) -> Played {
        let played = self.try_play(address).await.unwrap();
        let counts = played.step.counts;
        assert!(counts.balanced(), "{counts:?}");
        assert_eq!(counts.due, self.requests);
        played
    }
}

pub(crate) fn failures(played: &Played) -> Vec<(FailureKind, u64)> {
    let failures = played.step.failures.iter();
    failures
        .map(|failure| (failure.kind, failure.count))
        .collect()
}

pub(crate) fn address(socket: SocketAddr, protocol: Protocol) -> Address {
    Address {
        protocol,
        ..Address::plain(socket, socket.to_string())
    }
}

pub(crate) fn encrypted(
    socket: SocketAddr,
    protocol: Protocol,
    server_name: &str,
    trust: Trust,
) -> Address {
    let server_name = server_name.to_owned();
    Address {
        tls: Some(Tls { server_name, trust }),
        ..address(socket, protocol)
    }
}

/// A folder with a file of that text.
pub(crate) fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}
