//! Reads what a plan names before the load: the environment, secrets, rows.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use dyno_scenario::{Part, Plan, Request, SecretPlace, Source, Template, Variant};

use super::{Stock, StockError};
use crate::data::Table;
use crate::wall::Wall;

impl Stock {
    /// Reads everything that `plan` names: variables, secrets, rows of data. Paths
    /// count from `folder`.
    pub fn read(
        plan: &Plan,
        variant: &Variant,
        folder: &Path,
        wall: Wall,
    ) -> Result<Self, StockError> {
        let mut stock = Self {
            vars: variant.vars.clone(),
            env: variant.env.clone(),
            captured: vec![None; plan.slots.len()],
            data: plan.data.clone(),
            ..Self::bare(wall)
        };
        for secret in &plan.secrets {
            let value = read_secret(&secret.name, &secret.from, folder)?;
            stock.secrets.push((secret.name.clone(), value));
        }
        let mut places = vec![0..0; plan.data.len()];
        stock.columns = vec![Vec::new(); plan.data.len()];
        let requests = plan.setup.iter().chain(plan.requests());
        for (source, place) in requests.chain(&plan.teardown).flat_map(sources) {
            match source {
                Source::Column { data, column }
                    if (stock.columns.get(*data))
                        .is_some_and(|columns| !columns.contains(column)) =>
                {
                    stock.columns[*data].push(column.clone());
                    places[*data] = place.clone();
                }
                Source::Env(name) if !stock.env.contains_key(name) => {
                    let Ok(value) = std::env::var(name) else {
                        let (name, place) = (name.clone(), place.clone());
                        return Err(StockError::Env { name, place });
                    };
                    stock.env.insert(name.clone(), value);
                }
                _ => {}
            }
        }
        for ((data, columns), place) in plan.data.iter().zip(&stock.columns).zip(places) {
            let table = Table::read(data, folder, columns);
            let table = table.map_err(|source| StockError::Data {
                name: data.name.clone(),
                place,
                source,
            })?;
            stock.tables.push(Arc::new(table));
        }
        Ok(stock)
    }
}

/// What the placeholders of a request name, and where.
fn sources(request: &Request) -> impl Iterator<Item = (&Source, &Range<usize>)> {
    let headers = request.headers.iter().map(|(_, value)| value);
    let templates = headers.chain([&request.path, &request.body]);
    let parts = templates.flat_map(|template: &Template| &template.parts);
    parts.filter_map(|part| match part {
        Part::Value { source, place, .. } => Some((source, place)),
        Part::Text(_) => None,
    })
}

fn read_secret(name: &str, from: &SecretPlace, folder: &Path) -> Result<Vec<u8>, StockError> {
    match from {
        SecretPlace::Env(variable) => match std::env::var(variable) {
            Ok(value) => Ok(value.into_bytes()),
            Err(_) => Err(StockError::SecretEnv {
                name: name.to_owned(),
                variable: variable.clone(),
            }),
        },
        SecretPlace::File(file) => {
            let path = folder.join(file);
            let mut value = std::fs::read(&path).map_err(|source| StockError::SecretFile {
                name: name.to_owned(),
                path,
                source,
            })?;
            for end in [b'\n', b'\r'] {
                if value.last() == Some(&end) {
                    value.pop();
                }
            }
            Ok(value)
        }
    }
}
