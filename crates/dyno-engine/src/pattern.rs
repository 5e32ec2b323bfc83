//! A template as it is filled: what cannot change during a step is text already.

use dyno_scenario::{Escape, Part, Source, Template};

use crate::escape::{Unfit, escape};
use crate::fill::{Live, Values};
use crate::stock::Stock;
use crate::{Error, StockError};

/// Text with gaps for values that change from request to request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pattern {
    /// No two texts side by side, none of them empty.
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(Vec<u8>),
    Value(Live, Escape),
}

impl Pattern {
    /// `template` with everything in it that `stock` knows already.
    pub(crate) fn new(template: &Template, stock: &Stock) -> Result<Self, Error> {
        let mut pattern = Self::default();
        for part in &template.parts {
            match part {
                Part::Text(text) => pattern.push(text),
                Part::Value {
                    source,
                    escape,
                    place,
                } => match stock.known(source, place)? {
                    Some(value) => pattern.push_value(value, *escape, source, place)?,
                    None => {
                        let live = stock.live(source, place)?;
                        pattern.pieces.push(Piece::Value(live, *escape));
                    }
                },
            }
        }
        Ok(pattern)
    }

    /// Adds text as it is.
    pub(crate) fn push(&mut self, text: &[u8]) {
        match self.pieces.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Text(last)) => last.extend_from_slice(text),
            _ => self.pieces.push(Piece::Text(text.to_vec())),
        }
    }

    /// Adds all of `other`.
    pub(crate) fn append(&mut self, other: &Self) {
        for piece in &other.pieces {
            match piece {
                Piece::Text(text) => self.push(text),
                Piece::Value(..) => self.pieces.push(piece.clone()),
            }
        }
    }

    /// The text, if there are no gaps.
    pub(crate) fn as_fixed(&self) -> Option<&[u8]> {
        match self.pieces.as_slice() {
            [] => Some(b""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The data that its gaps are filled from.
    pub(crate) fn data(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value(Live::Column { data, .. }, _) => Some(*data),
            _ => None,
        })
    }

    /// Whether `{{seq}}` is among its gaps.
    pub(crate) fn has_numbers(&self) -> bool {
        let is_it = |piece: &Piece| matches!(piece, Piece::Value(Live::Seq, _));
        self.pieces.iter().any(is_it)
    }

    /// Writes the text behind what is in `out`.
    pub(crate) fn fill(&self, values: &mut Values<'_>, out: &mut Vec<u8>) -> Result<(), Unfit> {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Value(live, escape) => values.write(live, *escape, out)?,
            }
        }
        Ok(())
    }

    fn push_value(
        &mut self,
        value: &[u8],
        how: Escape,
        source: &Source,
        place: &std::ops::Range<usize>,
    ) -> Result<(), Error> {
        let mut text = Vec::new();
        escape(value, how, &mut text).map_err(|Unfit| StockError::Unfit {
            // The value itself may be a secret.
            what: match source {
                Source::Var(name) => format!("vars.{name}"),
                Source::Env(name) => format!("env.{name}"),
                Source::Secret(_) => "the secret".to_owned(),
                _ => "the value that the setup captured".to_owned(),
            },
            place: place.clone(),
        })?;
        self.push(&text);
        Ok(())
    }
}
