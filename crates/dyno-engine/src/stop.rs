//! The flag that ends a step early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends a step early: no further start, what is in flight is drained. The only
/// thing that load threads share; they read it once a start.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks for the end.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the end was asked for.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
