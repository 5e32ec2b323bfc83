//! The table `users` in memory, and what a look into its database shows.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use dyno_contract::{Row, StandIn, Statement};

use crate::double::{locked, now_ms, stored_hash};
use crate::fault::Fault::{self, *};

/// Users of the seed.
pub(crate) const SEED: u64 = 300;
/// Connections of the pool.
pub(crate) const POOL: u32 = 4;

/// A row; times are ms since 1970.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) password_hash: String,
    pub(crate) created_ms: u64,
    pub(crate) updated_ms: u64,
    /// A fault leaves rows in place and only marks them.
    pub(crate) is_left: bool,
}

/// The database is closed.
#[derive(Debug)]
pub(crate) struct Closed;

#[derive(Debug)]
pub(crate) struct Rows {
    fault: Fault,
    table: Mutex<Table>,
    is_closed: AtomicBool,
    has_been_closed: AtomicBool,
    asked: AtomicBool,
    /// Most requests that were in flight at once, which a fault opens
    /// connections for.
    most_in_flight: AtomicU64,
    in_flight: AtomicU64,
}

#[derive(Debug, Default)]
struct Table {
    users: BTreeMap<i64, User>,
    last_id: i64,
    emails_ever: HashSet<String>,
    ghosts: u64,
    statements: BTreeMap<&'static str, u64>,
}

/// What is executed for which operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Query {
    Ping,
    Insert,
    ByEmail,
    ById,
    Update,
    Delete,
    Page,
}

impl Query {
    fn text(self) -> &'static str {
        match self {
            Self::Ping => "SELECT $1",
            Self::Insert => "INSERT INTO users (email, name, password_hash) VALUES ($1, $2, $3)",
            Self::ByEmail => "SELECT * FROM users WHERE email = $1",
            Self::ById => "SELECT * FROM users WHERE id = $1",
            Self::Update => "UPDATE users SET name = $1 WHERE id = $2 RETURNING *",
            Self::Delete => "DELETE FROM users WHERE id = $1 RETURNING id",
            Self::Page => "SELECT * FROM users WHERE id > $1 ORDER BY id LIMIT $2",
        }
    }
}

impl Rows {
    /// A table with the seed in it; hashes have the cost `cost`.
    pub(crate) fn seeded(fault: Fault, cost: u32) -> Self {
        let mut table = Table::default();
        for number in 1..=SEED {
            let password = format!("Passw0rd-{:04}", (number - 1) % 64 + 1);
            let id = i64::try_from(number).unwrap() + 100;
            table.users.insert(
                id,
                User {
                    id,
                    email: format!("user{number:06}@seed.dyno.test"),
                    name: format!("User {number:06}"),
                    password_hash: stored_hash(cost, number, &password),
                    created_ms: 1_795_000_000_001,
                    updated_ms: 1_795_000_000_001,
                    is_left: false,
                },
            );
            table.last_id = id;
        }
        Self {
            fault,
            table: Mutex::new(table),
            is_closed: AtomicBool::new(false),
            has_been_closed: AtomicBool::new(false),
            asked: AtomicBool::new(false),
            most_in_flight: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
        }
    }

    fn execute(&self, query: Query) {
        self.asked.store(true, Ordering::Relaxed);
        let is_hidden = matches!(
            (self.fault, query),
            (RegistersElsewhere, Query::Insert)
                | (LogsInElsewhere, Query::ByEmail)
                | (RenamesElsewhere, Query::Update)
                | (LeavesElsewhere, Query::Delete)
        );
        if !is_hidden {
            let mut table = locked(&self.table);
            *table.statements.entry(query.text()).or_default() += 1;
            *table.statements.entry("BEGIN").or_default() += 1;
        }
    }

    pub(crate) fn ping(&self) -> Result<(), Closed> {
        self.execute(Query::Ping);
        let is_closed = self.is_closed.load(Ordering::Relaxed);
        let is_broken = self.fault == NeverRecovers && self.has_been_closed.load(Ordering::Relaxed);
        match is_closed || is_broken {
            true => Err(Closed),
            false => Ok(()),
        }
    }

    /// A new row, or `None` when there is one with this e-mail.
    pub(crate) fn insert(&self, email: &str, name: &str, password_hash: String) -> Option<User> {
        self.execute(Query::Insert);
        let mut table = locked(&self.table);
        let is_there = match self.fault {
            EmailsStayTaken => table.emails_ever.contains(email),
            _ => false,
        };
        let is_taken = table.users.values().any(|user| user.email == email);
        if is_there || (is_taken && self.fault != AllowsDuplicates) {
            return None;
        }
        table.last_id += 1;
        if self.fault == InsertsTwice {
            table.ghosts += 1;
        }
        let now = match self.fault {
            CreatedLongAgo => 1_577_836_800_001,
            _ => now_ms(),
        };
        let user = User {
            id: table.last_id,
            email: email.to_owned(),
            name: name.to_owned(),
            password_hash,
            created_ms: now,
            updated_ms: now,
            is_left: false,
        };
        table.users.insert(user.id, user.clone());
        Some(user)
    }

    pub(crate) fn by_email(&self, email: &str) -> Option<User> {
        self.execute(Query::ByEmail);
        let table = locked(&self.table);
        table
            .users
            .values()
            .find(|user| user.email == email)
            .cloned()
    }

    pub(crate) fn by_id(&self, id: i64) -> Option<User> {
        self.execute(Query::ById);
        locked(&self.table).users.get(&id).cloned()
    }

    pub(crate) fn update(&self, id: i64, change: impl FnOnce(&mut User)) -> Option<User> {
        self.execute(Query::Update);
        let mut table = locked(&self.table);
        let user = table.users.get_mut(&id).filter(|user| !user.is_left)?;
        change(user);
        if self.fault != KeepsUpdatedAt {
            user.updated_ms = now_ms();
        }
        let user = user.clone();
        if self.fault == RenamesNeighbour
            && let Some(other) = table.users.get_mut(&(id + 1))
        {
            other.name.clone_from(&user.name);
        }
        Some(user)
    }

    pub(crate) fn delete(&self, id: i64) -> Option<User> {
        self.execute(Query::Delete);
        let mut table = locked(&self.table);
        if self.fault == LeaveKeepsRow {
            let user = table.users.get_mut(&id).filter(|user| !user.is_left)?;
            user.is_left = true;
            return Some(user.clone());
        }
        let user = table.users.remove(&id)?;
        table.emails_ever.insert(user.email.clone());
        Some(user)
    }

    pub(crate) fn page(&self, after: i64, limit: usize) -> Vec<User> {
        self.execute(Query::Page);
        let first = match self.fault {
            AfterIncluded => after,
            _ => after + 1,
        };
        let table = locked(&self.table);
        table
            .users
            .range(first..)
            .take(limit)
            .map(|(_, user)| user.clone())
            .collect()
    }

    /// One more request is being answered, until the guard is gone.
    pub(crate) fn enter(&self) -> InFlight<'_> {
        let count = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_in_flight.fetch_max(count, Ordering::Relaxed);
        InFlight(self)
    }
}

/// A request that is being answered.
pub(crate) struct InFlight<'a>(&'a Rows);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl StandIn for Rows {
    fn row(&self, email: &str) -> Option<Row> {
        let table = locked(&self.table);
        let user = table.users.values().find(|user| user.email == email)?;
        Some(Row {
            id: user.id,
            email: user.email.clone(),
            name: user.name.clone(),
            password_hash: user.password_hash.clone(),
            created_at: crate::clock::time(user.created_ms),
        })
    }

    fn count(&self) -> u64 {
        let table = locked(&self.table);
        table.users.len() as u64 + table.ghosts
    }

    fn overwrite(&self, id: i64, name: &str, created_at: &str) {
        let mut table = locked(&self.table);
        let user = table.users.get_mut(&id).unwrap();
        name.clone_into(&mut user.name);
        user.created_ms = crate::clock::ms(created_at);
    }

    fn statements(&self) -> Vec<Statement> {
        let table = locked(&self.table);
        let statements = table.statements.iter().map(|(text, calls)| Statement {
            text: (*text).to_owned(),
            calls: *calls,
        });
        statements.collect()
    }

    fn connections(&self) -> u64 {
        let pool = u64::from(POOL);
        match self.fault {
            PoolOpenedLate if !self.asked.load(Ordering::Relaxed) => 0,
            PoolUnbounded => self.most_in_flight.load(Ordering::Relaxed).max(pool),
            _ => pool,
        }
    }

    fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        self.has_been_closed.store(true, Ordering::Relaxed);
    }

    fn open(&self) {
        self.is_closed.store(false, Ordering::Relaxed);
    }
}
