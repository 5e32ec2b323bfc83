//! The token buckets of the double.

use std::collections::HashMap;
use std::sync::Mutex;

use tokio::time::Instant;

use crate::double::{Settings, locked};
use crate::fault::Fault::{self, *};
use crate::wire::Request;

#[derive(Debug)]
pub(crate) struct Limiter {
    fault: Fault,
    rate: f64,
    burst: f64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Limiter {
    pub(crate) fn new(fault: Fault, settings: &Settings) -> Self {
        let burst = match fault {
            LimitOf20 => 20.0,
            _ => f64::from(settings.burst),
        };
        Self {
            fault,
            rate: f64::from(settings.rate),
            burst,
            buckets: Mutex::default(),
        }
    }

    pub(crate) fn admits(&self, request: &Request) -> bool {
        let client = match request.header("X-Forwarded-For") {
            _ if self.fault == OneBucketForAll => "everybody",
            Some(list) if self.fault == LastForwarded => list.rsplit(',').next().unwrap().trim(),
            Some(list) => list.split(',').next().unwrap().trim(),
            None if self.fault == PeerUnlimited => return true,
            None => "127.0.0.1",
        };
        let now = Instant::now();
        let mut buckets = locked(&self.buckets);
        let bucket = buckets.entry(client.to_owned()).or_insert(Bucket {
            tokens: self.burst,
            at: now,
        });
        let passed = (now - bucket.at).as_secs_f64();
        match self.fault {
            NeverRefills => {}
            FixedWindow if passed < 1.0 => {}
            FixedWindow => {
                bucket.tokens = self.burst;
                bucket.at = now;
            }
            _ => {
                bucket.tokens = self.burst.min(bucket.tokens + passed * self.rate);
                bucket.at = now;
            }
        }
        let is_admitted = bucket.tokens >= 1.0;
        if is_admitted {
            bucket.tokens -= 1.0;
        }
        is_admitted
    }
}
