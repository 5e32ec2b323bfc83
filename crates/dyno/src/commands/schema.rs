//! `dyno schema`: the JSON Schema of a file format.

use crate::args::SchemaName;
use crate::exit::Exit;
use crate::screen;

/// Prints a schema.
pub(crate) fn run(name: SchemaName) -> Exit {
    let schema = match name {
        SchemaName::Scenario => dyno_scenario::schema(),
        SchemaName::Target => dyno_target::schema(),
        SchemaName::Result => dyno_result::schema(),
    };
    screen::data(&format!("{schema:#}\n"));
    Exit::Done
}
