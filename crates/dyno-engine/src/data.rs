//! Rows of data for flows: read before the load or beside it, dealt to the load
//! threads without overlap.

mod deck;
mod permutation;
mod positions;
mod rows;
mod source;
mod stream;
mod table;

pub(crate) use deck::{Deck, Drawn};
pub(crate) use positions::Deal;
pub(crate) use rows::Row;
pub use source::DataError;
pub(crate) use table::Table;
