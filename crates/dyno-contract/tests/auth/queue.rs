//! The queue of tasks of the double, and who delivers them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use crate::double::Settings;
use crate::fault::Fault::{self, *};

const WORKERS: usize = 4;

/// Something to deliver, and somebody who wants to know when it was.
type Task = (&'static str, Value, oneshot::Sender<()>);

#[derive(Debug)]
pub(crate) struct Queue {
    fault: Fault,
    tasks: mpsc::UnboundedSender<Task>,
    free: Arc<Semaphore>,
    forgotten: AtomicUsize,
}

/// There is no room.
#[derive(Debug)]
pub(crate) struct Full;

impl Queue {
    pub(crate) fn start(fault: Fault, settings: &Settings) -> Self {
        let (tasks, waiting) = mpsc::unbounded_channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let size = match fault {
            QueueUnbounded => 1 << 20,
            _ => settings.queue_size,
        };
        let free = Arc::new(Semaphore::new(size));
        for _ in 0..WORKERS {
            let courier = Courier {
                fault,
                sink: settings.sink,
                limit: match fault {
                    NeverGivesUp => Duration::from_secs(3600),
                    GivesUpSoon => settings.task_timeout / 5,
                    _ => settings.task_timeout,
                },
                connection: None,
            };
            tokio::spawn(courier.work(Arc::clone(&waiting), Arc::clone(&free)));
        }
        Self {
            fault,
            tasks,
            free,
            forgotten: AtomicUsize::new(0),
        }
    }

    /// Puts a task at the end. What is returned ends with its delivery.
    pub(crate) fn put(
        &self,
        path: &'static str,
        task: Value,
    ) -> Result<oneshot::Receiver<()>, Full> {
        let (done, delivered) = oneshot::channel();
        match self.free.try_acquire() {
            Ok(permit) => permit.forget(),
            Err(_full) if self.fault == FullQueueForgets => {
                // Says that it is full only now and then.
                return match self.forgotten.fetch_add(1, Ordering::Relaxed) {
                    0 => Ok(delivered),
                    _ => Err(Full),
                };
            }
            Err(_full) => return Err(Full),
        }
        self.tasks.send((path, task, done)).unwrap();
        Ok(delivered)
    }
}

struct Courier {
    fault: Fault,
    sink: SocketAddr,
    limit: Duration,
    connection: Option<TcpStream>,
}

impl Courier {
    async fn work(
        mut self,
        waiting: Arc<Mutex<mpsc::UnboundedReceiver<Task>>>,
        free: Arc<Semaphore>,
    ) {
        loop {
            let task = waiting.lock().await.recv().await;
            let Some((path, task, done)) = task else {
                return;
            };
            free.add_permits(1);
            let tries = match self.fault {
                NoRetry => 1,
                RetriesThrice => 4,
                _ => 2,
            };
            for _ in 0..tries {
                let delivery = timeout(self.limit, self.deliver(path, &task)).await;
                if matches!(delivery, Ok(Ok(200..300))) {
                    break;
                }
                self.connection = None;
            }
            // Whether anybody waits for it is no matter here.
            let _ = done.send(());
        }
    }

    async fn deliver(&mut self, path: &str, task: &Value) -> io::Result<u16> {
        let stream = match &mut self.connection {
            Some(stream) if self.fault != ConnectsEachTime => stream,
            connection => connection.insert(TcpStream::connect(self.sink).await?),
        };
        let body = task.to_string();
        let length = body.len();
        let text =
            format!("POST {path} HTTP/1.1\r\nHost: sink\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(text.as_bytes()).await?;
        let mut head = Vec::new();
        // The sink's answers have no body.
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut head).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let head = String::from_utf8_lossy(&head);
        Ok(head.split(' ').nth(1).unwrap().parse().unwrap())
    }
}
