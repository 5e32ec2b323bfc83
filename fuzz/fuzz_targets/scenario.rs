//! Scenario files, through the check of `crates/dyno-scenario/tests/robust.rs`.

#![no_main]

#[path = "../../crates/dyno-scenario/tests/robust/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|text: &str| check::check(text));
