//! See `dyno_engine::fuzzing::header`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dyno_engine::fuzzing::header(data));
