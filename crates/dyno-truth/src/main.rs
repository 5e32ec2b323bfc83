//! A truth server as a process: prints its address, ends when stdin ends.
//!
//! `dyno-truth [CPU]`

use std::process::ExitCode;

fn main() -> ExitCode {
    let cpu = match std::env::args().nth(1).map(|text| text.parse()).transpose() {
        Ok(cpu) => cpu,
        Err(_) => return ExitCode::from(2),
    };
    match dyno_truth::run(cpu) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
