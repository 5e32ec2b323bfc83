//! What a check says, and how long it may take to say it.

use std::time::Duration;

use dyno_result::Check;
use tokio::time::timeout;

/// No check may take longer: a target that hangs fails, and dyno goes on.
pub(crate) const CHECK_LIMIT: Duration = Duration::from_secs(10);

/// What one check saw: nothing wrong, or what was seen and what was wanted.
pub(crate) type Verdict = Result<(), String>;

/// The verdict of the check of this id.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) id: &'static str,
    problem: Option<String>,
}

impl Finding {
    pub(crate) fn new(id: &'static str, verdict: Verdict) -> Self {
        Self {
            id,
            problem: verdict.err(),
        }
    }

    /// As it is stored; a failure whose id is in `allowed` is marked so.
    pub(crate) fn into_check(self, allowed: &[String]) -> Check {
        Check {
            id: self.id.to_owned(),
            allowed: self.problem.is_some() && allowed.iter().any(|id| id == self.id),
            problem: self.problem,
        }
    }
}

/// The verdict of a check, or that it took too long.
pub(crate) async fn bounded(check: impl Future<Output = Verdict>) -> Verdict {
    timeout(CHECK_LIMIT, check)
        .await
        .unwrap_or_else(|_late| Err(format!("no verdict within {} s", CHECK_LIMIT.as_secs())))
}

/// The first bytes of `bytes`, quoted: a wrong body may be a page.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 120;
    if bytes.len() <= LONGEST {
        format!("{:?}", String::from_utf8_lossy(bytes))
    } else {
        let start = String::from_utf8_lossy(&bytes[..LONGEST]);
        format!("{start:?}… ({} bytes)", bytes.len())
    }
}
