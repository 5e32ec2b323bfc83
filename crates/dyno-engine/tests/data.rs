//! Large files of data: streamed beside the load, each row to one flow, in little
//! memory.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod backend;
#[expect(dead_code, reason = "other tests make more of them")]
mod plans;

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

use backend::{Backend, serve_if_asked};
use dyno_engine::{Address, Play, Played, Stock, Stop, Wall, play};
use dyno_scenario::{Data, End, Load, Order, Plan, Rows, Step, Until, Variant};
use plans::sign_in;

/// The backend, in a process of its own: its memory is not ours.
#[test]
fn backend() {
    serve_if_asked();
}

/// A file of users, each about a hundred bytes.
fn write(path: &Path, bytes: u64) -> u64 {
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    let (mut written, mut count) = (0, 0_u64);
    let is_csv = path.extension().unwrap() == "csv";
    if is_csv {
        writeln!(file, "note,password,email").unwrap();
    }
    while written < bytes {
        let email = format!("user-{count}@example.com");
        let line = match is_csv {
            true => format!("\"a, {count:040}\",pw-{email},{email}\n"),
            false => format!(
                "{{\"email\":\"{email}\",\"password\":\"pw-{email}\",\"note\":\"{count:040}\"}}\n"
            ),
        };
        file.write_all(line.as_bytes()).unwrap();
        written += line.len() as u64;
        count += 1;
    }
    file.flush().unwrap();
    count
}

/// Signs in so many users of the file, and tells what memory that took.
async fn signed_in(file: &str, bytes: u64, order: Order, flows: u64) -> Played {
    let backend = Backend::start();
    let folder = tempfile::tempdir().unwrap();
    let rows = write(&folder.path().join(file), bytes);
    assert!(rows > flows);
    let file = file.to_owned();
    let plan = Plan {
        flows: vec![sign_in()],
        slots: vec!["token".to_owned()],
        data: vec![Data {
            name: "user".to_owned(),
            rows: match file.ends_with("csv") {
                true => Rows::Csv(file),
                false => Rows::JsonLines(file),
            },
            order,
            end: End::Fail,
        }],
        ..Plan::default()
    };
    let step = Step {
        id: "step".to_owned(),
        name: "step".to_owned(),
        load: Load::Closed {
            connections: 32,
            until: Until::Requests(flows),
        },
        search: None,
        warmup: Duration::ZERO,
        timeout: Duration::from_secs(20),
        keepalive: true,
    };
    let wall = Wall {
        at: std::time::Instant::now(),
        since_1970: Duration::ZERO,
    };
    let stock = Stock::read(&plan, &Variant::default(), folder.path(), wall).unwrap();
    let address = Address::plain(backend.address, backend.address.to_string());
    let what = Play {
        step: &step,
        plan: &plan,
        stock: &stock,
        address: &address,
        threads: &[None, None],
        seed: 1,
        pacing: dyno_result::Pacing::Sleep,
        stop: &Stop::default(),
    };
    let played = play(what, &mut |_| {}).await.unwrap();
    assert_eq!(played.step.failures, [], "{order:?}");
    assert_eq!(played.step.flows[0].counts.succeeded, flows);
    let seen = backend.seen();
    assert_eq!(
        (seen.logins, seen.users, seen.mixed_up),
        (flows, flows, 0),
        "{order:?}"
    );
    // What `getrusage` tells is that of cargo, if that has more.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mut lines = status.lines();
    let peak = lines.find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = peak.trim().strip_suffix(" kB").unwrap().parse().unwrap();
    assert!(kib < 100_000_000 / 1024, "{order:?}: {kib} KiB");
    played
}

#[tokio::test]
async fn a_large_file_is_streamed_and_no_row_comes_twice() {
    const BYTES: u64 = 40 * 1024 * 1024;
    signed_in("users.csv", BYTES, Order::Sequential, 5_000).await;
    signed_in("users.csv", BYTES, Order::Shuffle, 5_000).await;
    signed_in("users.jsonl", BYTES, Order::Shuffle, 5_000).await;
}

/// The acceptance of data at full length; `scripts/` runs it.
#[tokio::test]
#[ignore = "writes and reads a gigabyte"]
async fn a_gigabyte_of_rows_takes_no_more_memory() {
    for order in [Order::Sequential, Order::Shuffle] {
        signed_in("users.csv", 1_000_000_000, order, 100_000).await;
    }
}
