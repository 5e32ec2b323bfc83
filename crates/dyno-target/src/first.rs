//! The first real request to a target that has just become ready: what it loads only
//! then is part of its start-up.

use std::time::Duration;

use dyno_result::Start;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;

use crate::Running;
use crate::readiness::client;

/// An answer that takes longer is not waited for.
const LIMIT: Duration = Duration::from_secs(10);

/// A request that a contract promises to answer with status 200, and that changes
/// nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct First {
    /// Origin form.
    path: &'static str,
    /// JSON, to be posted; a GET without.
    json: Option<&'static str>,
}

impl First {
    /// That of a contract; `None` if it has no such request, or dyno does not know it.
    ///
    /// For auth/1 it is a login, of the first user that every database has: the time of
    /// a hash is in it.
    pub fn of_contract(contract: &str) -> Option<Self> {
        match contract {
            "greet/1" => Some(Self {
                path: "/dyno",
                json: None,
            }),
            "auth/1" => Some(Self {
                path: "/auth/login",
                json: Some(r#"{"email":"user000001@seed.dyno.test","password":"Passw0rd-0001"}"#),
            }),
            _ => None,
        }
    }
}

impl Running {
    /// Sends the first request and notes in `start` when its answer was there. What is
    /// not right is nothing to note: the contract's checks and the steps tell of it.
    pub async fn ask_first(&self, first: First, start: &mut Start) {
        let url = format!("http://{}{}", self.address, first.path);
        let client = client();
        let request = match first.json {
            None => client.get(url),
            Some(json) => client
                .post(url)
                .header(CONTENT_TYPE, "application/json")
                .body(json),
        };
        start.probes += 1;
        let answer = async {
            let answer = request.timeout(LIMIT).send().await?;
            let is_right = answer.status() == StatusCode::OK;
            answer.bytes().await.map(|_| is_right)
        };
        if matches!(answer.await, Ok(true)) {
            start.first_ns = Some(self.age_ns());
        }
    }
}
