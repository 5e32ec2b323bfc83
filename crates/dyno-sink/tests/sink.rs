//! A sink as a target meets it: over its socket.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has nothing better to do"
)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use dyno_sink::{Behaviour, Counts, Kind, Outcome, Reply, Sink};

/// More than anything here takes, unless it never comes.
const LONG: Duration = Duration::from_secs(20);

fn sink() -> Sink {
    Sink::start(Behaviour::default()).unwrap()
}

struct Client(TcpStream);

impl Client {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        Self(stream)
    }

    fn send(&mut self, method: &str, path: &str, body: &str) {
        let length = body.len();
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.0.write_all(text.as_bytes()).unwrap();
    }

    /// The status of the next answer; none has a body.
    fn status(&mut self) -> u16 {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap();
        head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn post(&mut self, path: &str, body: &str) -> u16 {
        self.send("POST", path, body);
        self.status()
    }
}

#[test]
fn mails_and_webhooks_are_counted_and_known_by_their_ids() {
    let sink = sink();
    assert_eq!(sink.url, format!("http://{}", sink.address));
    let mut client = Client::new(sink.address);
    let before = Instant::now();
    assert_eq!(client.post("/mail", r#"{"id":"a","kind":"welcome"}"#), 204);
    assert_eq!(client.post("/webhook", r#"{"id":"b"}"#), 204);
    assert_eq!(client.post("/webhook", r#"{"id":"b"}"#), 204);
    let wanted = Counts {
        connections: 1,
        arrived: 3,
        mails: 1,
        webhooks: 2,
        delivered: 3,
        refused: 0,
        duplicates: 1,
        malformed: 0,
    };
    assert_eq!(sink.counts(), wanted);
    let deliveries = sink.deliveries();
    let seen: Vec<_> = deliveries.iter().map(|d| (&*d.id, d.kind)).collect();
    assert_eq!(
        seen,
        [
            ("a", Kind::Mail),
            ("b", Kind::Webhook),
            ("b", Kind::Webhook)
        ]
    );
    assert!(deliveries.is_sorted_by_key(|delivery| delivery.arrival));
    assert!(deliveries[0].arrival >= before);
    assert!(
        deliveries
            .iter()
            .all(|d| d.outcome == Outcome::Delivered && d.body.is_empty())
    );
    assert_eq!(sink.deliveries_from(2).len(), 1);
    assert_eq!(sink.deliveries_from(9).len(), 0);
}

#[test]
fn bodies_are_kept_when_asked_for() {
    let sink = Sink::start(Behaviour {
        keep_bodies: true,
        ..Behaviour::default()
    })
    .unwrap();
    let body = r#"{"id":"a","event":"x","payload":{"of":["any",1]}}"#;
    Client::new(sink.address).post("/webhook", body);
    assert_eq!(&*sink.deliveries()[0].body, body.as_bytes());
}

#[test]
fn what_is_no_delivery_is_refused_and_counted_apart() {
    let sink = sink();
    let mut client = Client::new(sink.address);
    for (method, path, body, wanted) in [
        ("POST", "/post", r#"{"id":"a"}"#, 404),
        ("PUT", "/mail", r#"{"id":"a"}"#, 405),
        ("POST", "/mail", "id=a", 400),
        ("POST", "/mail", r#"{"id":1}"#, 400),
        ("POST", "/webhook", "[]", 400),
    ] {
        client.send(method, path, body);
        assert_eq!(client.status(), wanted, "{method} {path} {body}");
    }
    let counts = sink.counts();
    assert_eq!((counts.arrived, counts.malformed), (0, 5));
}

#[test]
fn a_share_is_refused() {
    let sink = sink();
    sink.set(Behaviour {
        reply: Reply::Fail { share: 0.25 },
        ..Behaviour::default()
    });
    let mut client = Client::new(sink.address);
    let statuses: Vec<_> = (0..8)
        .map(|id| client.post("/mail", &format!(r#"{{"id":"{id}"}}"#)))
        .collect();
    assert_eq!(statuses, [204, 204, 204, 503, 204, 204, 204, 503]);
    let counts = sink.counts();
    assert_eq!((counts.delivered, counts.refused), (6, 2));
    assert_eq!(sink.deliveries()[3].outcome, Outcome::Refused);
}

#[test]
fn a_delay_is_between_arrival_and_answer() {
    let delay = Duration::from_millis(150);
    let sink = sink();
    sink.set(Behaviour {
        delay,
        next: Some(1),
        ..Behaviour::default()
    });
    let mut client = Client::new(sink.address);
    client.post("/mail", r#"{"id":"a"}"#);
    let answered = Instant::now();
    assert!(answered - sink.deliveries()[0].arrival >= delay);
}

#[test]
fn a_hang_holds_one_delivery_and_no_other() {
    let sink = sink();
    sink.set(Behaviour {
        reply: Reply::Hang,
        next: Some(1),
        ..Behaviour::default()
    });
    let mut hung = Client::new(sink.address);
    hung.send("POST", "/mail", r#"{"id":"a"}"#);
    while sink.counts().arrived == 0 {
        std::thread::yield_now();
    }
    assert_eq!(
        Client::new(sink.address).post("/mail", r#"{"id":"b"}"#),
        204
    );
    let outcomes: Vec<_> = sink.deliveries().iter().map(|d| d.outcome).collect();
    assert_eq!(outcomes, [Outcome::Unanswered, Outcome::Delivered]);
    // Its end is seen by a sender that hangs.
    drop(sink);
    let mut rest = Vec::new();
    assert_eq!(hung.0.read_to_end(&mut rest).unwrap_or(0), 0);
}

#[tokio::test]
async fn waiting_ends_with_the_number_or_with_the_limit() {
    let sink = sink();
    let counts = sink.wait_for(1, Duration::from_millis(10)).await;
    assert_eq!(counts.delivered, 0);
    let address = sink.address;
    let client = std::thread::spawn(move || {
        let mut client = Client::new(address);
        for id in 0..100 {
            client.post("/webhook", &format!(r#"{{"id":"{id}"}}"#));
        }
    });
    assert!(sink.wait_for(100, LONG).await.delivered >= 100);
    client.join().unwrap();
}

#[test]
fn many_connections_are_taken_by_one_thread() {
    let sink = sink();
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    let mut clients: Vec<_> = (0..50).map(|_| Client::new(sink.address)).collect();
    let before = threads();
    for (id, client) in clients.iter_mut().enumerate() {
        client.send("POST", "/mail", &format!(r#"{{"id":"{id}"}}"#));
    }
    assert!(clients.iter_mut().all(|client| client.status() == 204));
    assert_eq!(sink.counts().connections, 50);
    // Other tests of this file start and end threads meanwhile, but not fifty.
    assert!(threads() < before + 25);
}
