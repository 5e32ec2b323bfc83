//! The run itself: `run.json` as it is stored.

use dyno_result::Recording;

/// Every figure of the run, unrounded, in the stored schema.
pub(crate) fn render(recording: &Recording) -> String {
    recording.run.to_json()
}
