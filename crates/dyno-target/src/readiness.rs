//! Waits for a target: ready, dead, or too late.

use std::time::Duration;

use dyno_result::Start;
use reqwest::redirect::Policy;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::protocol::now_ns;
use crate::{Error, Running};

/// Between two probes of a target younger than [`YOUNG_NS`], and of an older one.
const EAGER: Duration = Duration::from_millis(2);
const PATIENT: Duration = Duration::from_millis(20);
const YOUNG_NS: u64 = 1_000_000_000;

/// What the probes have found so far.
struct Probing {
    seen: String,
    probes: u64,
}

impl Running {
    /// Waits until it answers `ready.path` with `ready.status`.
    ///
    /// A process that ends, or is too late, is an error, and nothing of it is
    /// left when this returns.
    pub async fn ready(&mut self) -> Result<Start, Error> {
        let mut probing = Probing {
            seen: format!("nothing listens on {}", self.address),
            probes: 0,
        };
        let limit = self.manifest.ready.timeout();
        let result = tokio::select! {
            biased;
            exit = self.exited() => Err(Some(exit)),
            start = timeout(limit, self.probe(&mut probing)) => start.map_err(|_late| None),
        };
        match result {
            Ok(start) => start,
            Err(exit) => {
                // The failure itself is told; how the rest went down is not.
                let _ = self.process.end(None, Duration::ZERO).await;
                Err(self.failure(exit, probing.seen))
            }
        }
    }

    async fn probe(&self, probing: &mut Probing) -> Result<Start, Error> {
        while TcpStream::connect(self.address).await.is_err() {
            self.pause().await;
        }
        let listen_ns = self.age_ns();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .pool_max_idle_per_host(0)
            .build()
            .expect("a client without TLS needs nothing from the system");
        let ready = &self.manifest.ready;
        let url = format!("http://{}{}", self.address, ready.path);
        loop {
            probing.probes += 1;
            // Later probes leave what was seen last: the limit may come in the
            // middle of one.
            if probing.probes == 1 {
                probing.seen = format!("GET {} has no answer", ready.path);
            }
            match client.get(&url).send().await {
                Ok(answer) if answer.status().as_u16() == ready.status => {
                    return Ok(Start {
                        listen_ns,
                        ready_ns: self.age_ns(),
                        probes: probing.probes,
                    });
                }
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    probing.seen = format!(
                        "GET {} is answered {status}, not {}",
                        ready.path, ready.status
                    );
                }
                Err(error) => {
                    let error = innermost(&error);
                    probing.seen = format!("GET {} fails: {error}", ready.path);
                }
            }
            self.pause().await;
        }
    }

    /// Since the exec of its command, ns.
    fn age_ns(&self) -> u64 {
        now_ns().saturating_sub(self.exec_ns)
    }

    async fn pause(&self) {
        let young = self.age_ns() < YOUNG_NS;
        sleep(if young { EAGER } else { PATIENT }).await;
    }

    fn failure(&self, exit: Option<String>, seen: String) -> Error {
        let log = self.log_tail();
        match exit {
            Some(_) if log.says_port_in_use() => Error::PortInUse {
                port: self.address.port(),
            },
            Some(exit) => Error::DiedAtStart { exit, log },
            None => Error::NeverReady {
                seconds: self.manifest.ready.timeout_s,
                seen,
                log,
            },
        }
    }
}

/// The cause behind the covers that the client puts around it.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
