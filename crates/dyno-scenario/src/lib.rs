//! What to ask and at what load.

mod model;

pub use model::{Expect, Load, Request, Scenario, Step, Until};
