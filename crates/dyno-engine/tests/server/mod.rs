//! A small server of known behaviour: the path says what to answer.

#![allow(dead_code, reason = "not every test file needs everything")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A server in a thread of its own, and what it has seen.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicU64>,
    pub(crate) requests: Arc<AtomicU64>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) = (server.connections.clone(), server.requests.clone());
        let queue = Queue::default();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    connections.fetch_add(1, Ordering::Relaxed);
                    tokio::spawn(serve(stream, requests.clone(), queue.clone()));
                }
            });
        });
        server
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }
}

/// When the last request of `/queue` leaves.
type Queue = Arc<Mutex<Option<Instant>>>;

fn life() -> Instant {
    static BIRTH: OnceLock<Instant> = OnceLock::new();
    *BIRTH.get_or_init(Instant::now)
}

/// Whether `/one-in-a-hundred` is slow for the n-th request.
pub(crate) fn is_slow(number: u64) -> bool {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32 & 0xFFFF < 655
}

async fn serve(mut stream: TcpStream, requests: Arc<AtomicU64>, queue: Queue) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 4096];
    let mut answered = 0;
    loop {
        let mut length = 0;
        while !buffer[..length].windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut buffer[length..]).await {
                Ok(0) | Err(_) => return,
                Ok(read) => length += read,
            }
        }
        let number = requests.fetch_add(1, Ordering::Relaxed);
        let head = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default();
        let again = answer(&mut stream, path, number, answered, &queue).await;
        answered += 1;
        if !again || head.contains("Connection: close") {
            return;
        }
    }
}

/// Answers one request; whether the connection goes on.
async fn answer(
    stream: &mut TcpStream,
    path: &str,
    number: u64,
    answered: u64,
    queue: &Queue,
) -> bool {
    let ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    match path {
        "/ok" => stream.write_all(ok).await.is_ok(),
        "/chunked" => {
            let text = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\nT: x\r\n\r\n";
            for byte in text {
                if stream.write_all(&[*byte]).await.is_err() {
                    return false;
                }
            }
            true
        }
        "/until-close" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nok").await;
            false
        }
        "/empty" => stream
            .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .await
            .is_ok(),
        "/continue" => {
            let text = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            stream.write_all(text).await.is_ok()
        }
        "/large" => {
            let head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n";
            let body = vec![b'x'; 10_000_000];
            stream.write_all(head).await.is_ok() && stream.write_all(&body).await.is_ok()
        }
        "/404" => stream
            .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            .await
            .is_ok(),
        "/500" => stream
            .write_all(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
            .await
            .is_ok(),
        "/garbage" => {
            let _ = stream.write_all(b"\x01\x02\x03 not http\r\n\r\n").await;
            false
        }
        "/half" => {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
                .await;
            false
        }
        "/reset" => {
            stream.set_zero_linger().unwrap();
            false
        }
        "/extra" => stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokk")
            .await
            .is_ok(),
        "/one-answer-then-close" if answered > 0 => false,
        "/one-answer-then-close" => stream.write_all(ok).await.is_ok(),
        // Every twentieth request is never answered.
        "/hangs" if number % 20 == 19 => {
            let mut rest = [0; 16];
            let _ = stream.read(&mut rest).await;
            false
        }
        "/hangs" => stream.write_all(ok).await.is_ok(),
        // Frozen for the first 100 ms of each second of the server's life.
        "/stall" => {
            let age = life().elapsed();
            let into = Duration::from_nanos(u64::from(age.subsec_nanos()));
            tokio::time::sleep(Duration::from_millis(100).saturating_sub(into)).await;
            stream.write_all(ok).await.is_ok()
        }
        // One answer in a hundred, at random, takes 100 ms.
        "/one-in-a-hundred" => {
            if is_slow(number) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            stream.write_all(ok).await.is_ok()
        }
        // One at a time, 1 ms each, first come, first served.
        "/queue" => {
            let leaves = {
                let mut last = queue.lock().unwrap();
                let leaves = last.unwrap_or_else(Instant::now).max(Instant::now())
                    + Duration::from_millis(1);
                *last = Some(leaves);
                leaves
            };
            tokio::time::sleep_until(leaves.into()).await;
            stream.write_all(ok).await.is_ok()
        }
        other => panic!("no such path {other}"),
    }
}
