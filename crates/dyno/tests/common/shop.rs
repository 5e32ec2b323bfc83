//! A shop for tests: an HTTP/1.1 server in threads of the test, which answers as the
//! test says and keeps what it was asked. It closes when it is dropped.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Among all requests of the shop, from 0.
    pub(crate) number: usize,
    /// Its connection, in the order in which they were opened.
    pub(crate) connection: usize,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// As they were written, without the blanks around values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    /// The target without its query.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A text of the JSON object in the body, empty if there is none.
    pub(crate) fn field(&self, name: &str) -> String {
        let json = serde_json::from_str::<serde_json::Value>(&self.body).unwrap_or_default();
        json[name].as_str().unwrap_or_default().to_owned()
    }

    /// Method and target, as a log would have them.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// What the shop says to a request.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub(crate) fn new(status: u16, kind: &str, body: impl Into<String>) -> Self {
        let answer = Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        };
        match kind {
            "" => answer,
            kind => answer.with("Content-Type", kind),
        }
    }

    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "application/json", body)
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} \r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        // An answer without content has no length either (RFC 9110, 8.6).
        if self.status != 204 {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        (head + "\r\n" + &self.body).into_bytes()
    }
}

/// The open shop.
pub(crate) struct Shop {
    address: SocketAddr,
    counter: Arc<Counter>,
    door: Option<JoinHandle<()>>,
}

/// What all connections share.
struct Counter {
    answer: Box<dyn Fn(&Asked) -> Answer + Send + Sync>,
    asked: Mutex<Vec<Asked>>,
    streams: Mutex<Vec<TcpStream>>,
    is_closed: AtomicBool,
}

impl Shop {
    /// Opens on any free port of this machine.
    pub(crate) fn open(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let counter = Arc::new(Counter {
            answer: Box::new(answer),
            asked: Mutex::default(),
            streams: Mutex::default(),
            is_closed: AtomicBool::new(false),
        });
        let shared = Arc::clone(&counter);
        let door = thread::spawn(move || attend(&listener, &shared));
        Self {
            address,
            counter,
            door: Some(door),
        }
    }

    /// Without a path.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that was asked until now, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.counter.asked.lock().unwrap().clone()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.counter.is_closed.store(true, Ordering::SeqCst);
        // Wakes whoever waits at the door.
        let _ = TcpStream::connect(self.address);
        let ended = self.door.take().map(JoinHandle::join);
        let is_well = matches!(ended, Some(Ok(())));
        assert!(is_well || thread::panicking(), "the shop has panicked");
    }
}

fn attend(listener: &TcpListener, counter: &Counter) {
    thread::scope(|clerks| {
        for (connection, stream) in listener.incoming().enumerate() {
            if counter.is_closed.load(Ordering::SeqCst) {
                break;
            }
            let stream = stream.unwrap();
            let again = stream.try_clone().unwrap();
            counter.streams.lock().unwrap().push(again);
            clerks.spawn(move || serve(connection, &stream, counter));
        }
        // Whoever still waits for a request reads the end.
        for stream in counter.streams.lock().unwrap().iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
}

/// Answers one connection until it ends.
fn serve(connection: usize, mut stream: &TcpStream, counter: &Counter) {
    let mut reader = BufReader::new(stream);
    while let Some(mut asked) = read(&mut reader, connection) {
        {
            let mut all = counter.asked.lock().unwrap();
            asked.number = all.len();
            all.push(asked.clone());
        }
        let is_last = asked.header("Connection") == Some("close");
        let answer = (counter.answer)(&asked);
        if stream.write_all(&answer.bytes()).is_err() || is_last {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// The next request; none at the end, or if this is no HTTP.
fn read(reader: &mut BufReader<&TcpStream>, connection: usize) -> Option<Asked> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.strip_suffix("\r\n")? {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let (first, fields) = head.split_first()?;
    let (method, rest) = first.split_once(' ')?;
    let fields = fields.iter().map(|field| {
        let (name, value) = field.split_once(':')?;
        Some((name.to_owned(), value.trim().to_owned()))
    });
    let mut asked = Asked {
        number: 0,
        connection,
        method: method.to_owned(),
        target: rest.strip_suffix(" HTTP/1.1")?.to_owned(),
        headers: fields.collect::<Option<_>>()?,
        body: String::new(),
    };
    let length = asked.header("Content-Length").map(str::parse::<usize>);
    let mut body = vec![0; length.unwrap_or(Ok(0)).ok()?];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8(body).ok()?;
    Some(asked)
}
