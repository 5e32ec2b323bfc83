//! What every check of auth/1 works with: the target, users to be, tokens.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use dyno_result::Work;
use fastrand::Rng;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tokio::task::JoinSet;

use super::{jwt, words};
use crate::ask::{Ask, Reply};
use crate::subject::AuthBench;

/// An id that no user has, and every target can read.
pub(super) const NOBODY: i64 = 9_007_199_254_740_991;
/// Passwords of the seed repeat after so many users.
const SEED_PASSWORDS: u32 = 64;

/// A target under check.
pub(super) struct Stage {
    pub(super) address: SocketAddr,
    pub(super) bench: AuthBench,
    /// The last user of the seed that a check has taken.
    seed_user: AtomicU32,
    somebody: OnceCell<String>,
    work: Mutex<Vec<Work>>,
    /// Ids of the tasks that a target with a full queue has taken.
    pub(super) queued: Mutex<Vec<String>>,
}

/// A user as the target knows it.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) id: i64,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) password: String,
    /// As answers have it.
    pub(super) created_at: String,
    /// Good for ten minutes.
    pub(super) token: String,
}

impl Stage {
    pub(super) fn new(address: SocketAddr, bench: AuthBench) -> Self {
        Self {
            address,
            bench,
            seed_user: AtomicU32::new(0),
            somebody: OnceCell::new(),
            work: Mutex::default(),
            queued: Mutex::default(),
        }
    }

    pub(super) async fn ask(&self, ask: Ask) -> Result<Reply, String> {
        ask.at(self.address).await
    }

    /// All at one moment; in any order.
    pub(super) async fn ask_at_once(
        &self,
        asks: impl IntoIterator<Item = Ask>,
    ) -> Result<Vec<Reply>, String> {
        let mut asking = JoinSet::new();
        for ask in asks {
            let address = self.address;
            asking.spawn(async move { ask.at(address).await });
        }
        asking.join_all().await.into_iter().collect()
    }

    /// A user of the seed that no other check has: it exists whether or not the
    /// target can register anybody.
    pub(super) async fn member(&self) -> Result<Member, String> {
        let number = self.seed_user.fetch_add(1, Ordering::Relaxed) + 1;
        let email = format!("user{number:06}@seed.dyno.test");
        let row = self.bench.database.row(&email).await?;
        let row = row.ok_or_else(|| format!("{email} of the seed is not in the database"))?;
        Ok(Member {
            id: row.id,
            email,
            name: row.name,
            password: format!("Passw0rd-{:04}", (number - 1) % SEED_PASSWORDS + 1),
            created_at: row.created_at,
            token: self.token(row.id),
        })
    }

    /// A user who has just registered; what else is wrong with that answer is
    /// for other checks to say.
    pub(super) async fn newcomer(&self, rng: &mut Rng) -> Result<Member, String> {
        let (email, name, password) = (words::email(rng), words::name(rng), words::password(rng));
        let ask = registration(&email, &password, &name);
        let reply = self.ask(ask).await?.success()?;
        let user = reply.json()?;
        let id = user["id"].as_i64();
        let id = id.ok_or_else(|| reply.wrong("an integer `id`"))?;
        Ok(Member {
            id,
            email,
            name,
            password,
            created_at: text(&user["created_at"]),
            token: self.token(id),
        })
    }

    /// The token that a login gives.
    pub(super) async fn login(&self, email: &str, password: &str) -> Result<String, String> {
        let reply = self.ask(login(email, password)).await?.success()?;
        let token = reply.json()?["access_token"].as_str().map(str::to_owned);
        token.ok_or_else(|| reply.wrong("an `access_token`"))
    }

    /// The token of a user who is there, for checks that only need one.
    pub(super) async fn somebody(&self) -> Result<String, String> {
        let token = async { Ok(self.member().await?.token) };
        self.somebody.get_or_try_init(|| token).await.cloned()
    }

    /// A token as the target would make it.
    pub(super) fn token(&self, id: i64) -> String {
        jwt::signed(&self.claims(id), self.secret())
    }

    /// A good token of a user who does not exist.
    pub(super) fn stranger(&self) -> String {
        self.token(NOBODY)
    }

    /// The claims of a good token.
    pub(super) fn claims(&self, id: i64) -> Value {
        let now = jwt::now_s();
        json!({ "iss": "dyno", "sub": id.to_string(), "iat": now, "exp": now + 600 })
    }

    /// The claims of a good token, but for these; null takes one out.
    pub(super) fn claims_but(&self, id: i64, changes: &[(&str, Value)]) -> Value {
        let mut claims = self.claims(id);
        if let Some(claims) = claims.as_object_mut() {
            for (name, value) in changes {
                match value {
                    Value::Null => claims.remove(*name),
                    value => claims.insert((*name).to_owned(), value.clone()),
                };
            }
        }
        claims
    }

    /// Claims that were good until so many seconds ago.
    pub(super) async fn past_claims(&self, seconds: u64) -> Result<Value, String> {
        let user = self.member().await?;
        let exp = jwt::now_s() - seconds;
        let times = [("iat", (exp - 900).into()), ("exp", exp.into())];
        Ok(self.claims_but(user.id, &times))
    }

    pub(super) fn secret(&self) -> &[u8] {
        self.bench.jwt_secret.as_bytes()
    }

    pub(super) fn record(&self, work: Work) {
        let mut list = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        list.push(work);
    }

    /// What was recorded.
    pub(super) fn work(&self) -> Vec<Work> {
        let list = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        list.clone()
    }
}

pub(super) fn registration(email: &str, password: &str, name: &str) -> Ask {
    let body = json!({ "email": email, "password": password, "name": name });
    Ask::post("/auth/register").json(&body)
}

pub(super) fn login(email: &str, password: &str) -> Ask {
    Ask::post("/auth/login").json(&json!({ "email": email, "password": password }))
}

/// The asker's own profile.
pub(super) fn me(token: &str) -> Ask {
    Ask::get("/users/me").token(token)
}

/// A change of the asker's profile.
pub(super) fn change(token: &str, body: &Value) -> Ask {
    Ask::new("PATCH", "/users/me").token(token).json(body)
}

pub(super) fn webhook(token: &str, event: &str, payload: &Value) -> Ask {
    let body = json!({ "event": event, "payload": payload });
    Ask::post("/webhooks").token(token).json(&body)
}

/// The text of a JSON text, nothing of anything else.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
