//! See `dyno_engine::fuzzing::answer`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dyno_engine::fuzzing::answer(data));
