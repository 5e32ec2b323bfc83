//! A small backend with sign-in, in a process of its own: what it answers depends on
//! who asks, and it counts what was asked in somebody else's name.
//!
//! `POST /login` wants an e-mail and its password and gives a token. `GET /me` wants
//! a token and, in `X-User`, the e-mail that it belongs to. `GET /session` sets a
//! cookie for `X-User`, `GET /cart` wants it. `GET /echo…` answers with what came.
//! `GET /timed` tells in Server-Timing how long it took, each time something else.
//! `GET /seen` gives the counts, `GET /wrong…` answers wrongly.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What a test binary is asked for to become the backend instead.
const BECOME: &str = "DYNO_TEST_BACKEND";

/// The backend as a child, ended with the value.
pub(crate) struct Backend {
    pub(crate) address: SocketAddr,
    child: Child,
}

/// What the backend has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Requests, but for this one.
    pub(crate) asked: u64,
    pub(crate) logins: u64,
    /// Requests with a token or a cookie that is another user's, or nobody's.
    pub(crate) mixed_up: u64,
    /// Requests with their own.
    pub(crate) right: u64,
    /// Different e-mails that have signed in.
    pub(crate) users: u64,
}

impl Backend {
    /// Starts this very test binary again; its test `backend` then serves.
    pub(crate) fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "backend", "--nocapture", "--test-threads", "1"])
            .env(BECOME, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = lines.map(Result::unwrap);
        let mut address = said.filter_map(|line| line.split_once("listens at ")?.1.parse().ok());
        Self {
            address: address.next().unwrap(),
            child,
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .write_all(b"GET /seen HTTP/1.1\r\nConnection: close\r\n\r\n")
            .unwrap();
        let text = std::io::read_to_string(stream).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        let counts: Value = serde_json::from_str(body).unwrap();
        let count = |name: &str| counts[name].as_u64().unwrap();
        Seen {
            asked: count("asked"),
            logins: count("logins"),
            mixed_up: count("mixed_up"),
            right: count("right"),
            users: count("users"),
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves if this process is to be the backend. It ends with its parent, who holds
/// the other end of its standard input.
pub(crate) fn serve_if_asked() {
    if std::env::var_os(BECOME).is_none() {
        return;
    }
    std::thread::spawn(|| {
        let _ = std::io::read_to_string(std::io::stdin());
        std::process::abort();
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut out = std::io::stdout();
        writeln!(out, "\nlistens at {}", listener.local_addr().unwrap()).unwrap();
        let state = Rc::new(RefCell::new(State::default()));
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::task::spawn_local(connection(stream, Rc::clone(&state)));
        }
    });
}

#[derive(Default)]
struct State {
    /// Whose token or cookie it is.
    keys: HashMap<String, String>,
    users: HashMap<String, u64>,
    asked: u64,
    logins: u64,
    mixed_up: u64,
    right: u64,
}

async fn connection(mut stream: tokio::net::TcpStream, state: Rc<RefCell<State>>) {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        let mut fields = [httparse::EMPTY_HEADER; 32];
        let mut request = httparse::Request::new(&mut fields);
        let head = match request.parse(&buffer).unwrap() {
            httparse::Status::Complete(head) => head,
            httparse::Status::Partial => {
                if stream.read_buf(&mut buffer).await.unwrap_or(0) == 0 {
                    return;
                }
                continue;
            }
        };
        let field = |name: &str| -> &str {
            let mut fields = request.headers.iter();
            let field = fields.find(|field| field.name.eq_ignore_ascii_case(name));
            field.map_or("", |field| std::str::from_utf8(field.value).unwrap())
        };
        let length: usize = field("Content-Length").parse().unwrap_or(0);
        if buffer.len() < head + length {
            if stream.read_buf(&mut buffer).await.unwrap_or(0) == 0 {
                return;
            }
            continue;
        }
        let body = &buffer[head..head + length];
        let (method, path) = (request.method.unwrap(), request.path.unwrap());
        let (status, more, body) = state.borrow_mut().answer((method, path), field, body);
        let closes = field("Connection") == "close";
        let text = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{more}\r\n{body}",
            body.len()
        );
        buffer.drain(..head + length);
        if stream.write_all(text.as_bytes()).await.is_err() || closes {
            return;
        }
    }
}

impl State {
    /// Status, further fields, body.
    fn answer<'a>(
        &mut self,
        (method, path): (&str, &str),
        field: impl Fn(&str) -> &'a str,
        body: &[u8],
    ) -> (&'static str, String, String) {
        let ok = |body: Value| ("200 OK", String::new(), body.to_string());
        self.asked += u64::from(path != "/seen");
        match (method, path) {
            ("POST", "/login") => {
                let login: Value = serde_json::from_slice(body).unwrap();
                let email = login["email"].as_str().unwrap().to_owned();
                if login["password"].as_str() != Some(&format!("pw-{email}")) {
                    self.mixed_up += 1;
                    return ("401 Unauthorized", String::new(), "{}".to_owned());
                }
                self.logins += 1;
                *self.users.entry(email.clone()).or_default() += 1;
                let token = format!("t{:016x}", fastrand::u64(..));
                self.keys.insert(token.clone(), email);
                ok(json!({"access_token": token, "expires_in": 3600}))
            }
            ("GET", "/me") => {
                let key = field("Authorization").strip_prefix("Bearer ");
                self.guarded(key, field("X-User"))
            }
            ("GET", "/session") => {
                let key = format!("c{:016x}", fastrand::u64(..));
                let cookie = format!("Set-Cookie: session={key}; Path=/; HttpOnly\r\n");
                self.keys.insert(key, field("X-User").to_owned());
                ("200 OK", cookie, "{}".to_owned())
            }
            ("GET", "/cart") => {
                let key = field("Cookie").strip_prefix("session=");
                self.guarded(key, field("X-User"))
            }
            ("GET", "/seen") => ok(json!({
                "asked": self.asked, "logins": self.logins, "mixed_up": self.mixed_up, "right": self.right,
                "users": self.users.len(),
            })),
            ("GET", "/timed") => {
                let us = self.asked % 1_000;
                let timing =
                    format!("Server-Timing: db;dur=0.{us:03}, render;dur=1, app;dur=2\r\n");
                ("200 OK", timing, "{}".to_owned())
            }
            _ if path.starts_with("/wrong") => {
                let cookie = "Set-Cookie: session=private\r\n".to_owned();
                let echo = field("X-Secret");
                (
                    "200 OK",
                    cookie,
                    json!({"error": "oops", "echo": echo}).to_string(),
                )
            }
            _ => ok(json!({
                "method": method, "path": path, "x": field("X-Value"),
                "body": String::from_utf8_lossy(body),
            })),
        }
    }

    fn guarded(&mut self, key: Option<&str>, user: &str) -> (&'static str, String, String) {
        let owner = key.and_then(|key| self.keys.get(key));
        if owner.is_some_and(|owner| owner == user) {
            self.right += 1;
            ("200 OK", String::new(), json!({"email": user}).to_string())
        } else {
            self.mixed_up += 1;
            ("403 Forbidden", String::new(), "{}".to_owned())
        }
    }
}
