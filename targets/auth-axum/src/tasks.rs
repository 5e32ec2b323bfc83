//! Mails and webhooks: queued by handlers, posted to the sink after the answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::ensure;
use axum::body::{Body, HttpBody};
use axum::http::{Request, Uri, header};
use axum::response::Response;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, OwnedPermit, Receiver, Sender};
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

/// How long a delivery may take.
const LIMIT: Duration = Duration::from_secs(5);
const ATTEMPTS: u32 = 2;

/// What is delivered.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Task {
    Mail {
        id: Uuid,
        kind: &'static str,
        to: String,
        user_id: i64,
    },
    Webhook {
        id: Uuid,
        event: String,
        payload: Box<RawValue>,
    },
}

/// A bounded queue, in order.
pub(crate) struct Queue(Sender<Task>);

impl Queue {
    /// A place in it, unless it is full.
    pub(crate) fn reserve(&self) -> Option<Place> {
        self.0.clone().try_reserve_owned().ok().map(Place)
    }
}

/// A place that was taken before the answer that promises a delivery.
pub(crate) struct Place(OwnedPermit<Task>);

impl Place {
    /// Queues `task` as `response` is written, or when its client is gone.
    pub(crate) fn fill_after(self, response: Response, task: Task) -> Response {
        let pending = Some((self, task));
        response.map(|body| Body::new(Followed { body, pending }))
    }
}

/// A body with a task that is queued when hyper has no more need of the body.
struct Followed {
    body: Body,
    pending: Option<(Place, Task)>,
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        if let Some((Place(permit), task)) = self.pending.take() {
            permit.send(task);
        }
    }
}

/// Those who deliver what is queued.
pub(crate) struct Deliverers {
    tasks: Arc<Mutex<Receiver<Task>>>,
    running: JoinSet<()>,
}

/// Starts a queue of at most `size` waiting tasks and its deliverers.
pub(crate) fn start(sink: &Uri, size: usize, deliverers: usize) -> (Queue, Deliverers) {
    let (sender, receiver) = mpsc::channel(size);
    let tasks = Arc::new(Mutex::new(receiver));
    let sink = Arc::new(Sink::new(sink, deliverers));
    let mut running = JoinSet::new();
    for _ in 0..deliverers {
        running.spawn(deliver(Arc::clone(&tasks), Arc::clone(&sink)));
    }
    (Queue(sender), Deliverers { tasks, running })
}

impl Deliverers {
    /// Delivers what is queued, within `patience`. All queues must be gone.
    pub(crate) async fn drain(mut self, patience: Duration) {
        let done = async { while self.running.join_next().await.is_some() {} };
        if timeout(patience, done).await.is_err() {
            self.running.shutdown().await;
            let waiting = self.tasks.lock().await.len();
            tracing::warn!("gave up on deliveries; {waiting} were still queued");
        }
    }
}

/// Delivers until the queue is gone and empty.
async fn deliver(tasks: Arc<Mutex<Receiver<Task>>>, sink: Arc<Sink>) {
    // The lock is free again before the delivery begins.
    let next = async || tasks.lock().await.recv().await;
    while let Some(task) = next().await {
        if let Err(error) = sink.take(&task).await {
            tracing::warn!("could not deliver a task: {error:#}");
        }
    }
}

/// Where tasks go.
struct Sink {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

impl Sink {
    fn new(base: &Uri, connections: usize) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_max_idle_per_host(connections);
        Self {
            client: client.build(connector),
            base: base.to_string().trim_end_matches('/').to_owned(),
        }
    }

    /// Posts a task, and once more when that fails.
    async fn take(&self, task: &Task) -> anyhow::Result<()> {
        let path = match task {
            Task::Mail { .. } => "/mail",
            Task::Webhook { .. } => "/webhook",
        };
        let body = Bytes::from(serde_json::to_vec(task)?);
        let mut attempt = 1;
        loop {
            let outcome = timeout(LIMIT, self.post(path, body.clone())).await;
            match outcome.map_err(anyhow::Error::from).flatten() {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    async fn post(&self, path: &str, body: Bytes) -> anyhow::Result<()> {
        let request = Request::post(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))?;
        let answer = self.client.request(request).await?;
        let status = answer.status();
        // Read to its end, or the connection is not used again.
        answer.into_body().collect().await?;
        ensure!(status.is_success(), "the sink answered {status}");
        Ok(())
    }
}
