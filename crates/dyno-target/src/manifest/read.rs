//! The text of a `target.toml` → [`Manifest`], or every problem with it. Its
//! inner tables are read in `tables.rs`.

use std::fs;
use std::path::{Path, PathBuf};

use dyno_result::Class;
use dyno_toml::{Problem, Reader, Spanned};

use super::tables::{
    Toml, behaviour, build, finished, globs, limits, needs, optional, pairs, ready, requirement,
    run_plan,
};
use super::{Behaviour, Manifest};
use crate::Error;

/// Reads the file at `path`. Its folder's name is what `id` must be.
pub(super) fn file(path: &Path) -> Result<Manifest, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::file(path, source))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).map_err(|source| Error::file(path, source))?;
    parse(&path.display().to_string(), &folder, &text).map_err(Error::from)
}

/// Reads `text`, called `name` in messages, as the manifest of `folder`.
fn parse(name: &str, folder: &Path, text: &str) -> Result<Manifest, dyno_toml::Problems> {
    dyno_toml::read(name, text, |root| {
        let schema = root.required("schema", |root, key| root.integer(key, 1..=1));
        let id = root.required("id", Reader::string);
        let name = root.required("name", Reader::string);
        if let Some(id) = &id {
            check_id(root, id, folder);
        }
        let parent = root
            .string("extends")
            .and_then(|extends| inherit(root, folder, extends));
        let mut manifest = body(root, schema, id, name);
        if let Some(manifest) = &mut manifest {
            manifest.dir = folder.to_owned();
            text.clone_into(&mut manifest.text);
            if let Some(parent) = parent {
                manifest.dir = parent.dir;
                manifest.text += &parent.text;
                manifest.extends = Some(parent.named);
            }
        }
        manifest
    })
}

fn body(
    root: Toml<'_, '_, '_>,
    schema: Option<Spanned<i64>>,
    id: Option<Spanned<String>>,
    name: Option<Spanned<String>>,
) -> Option<Manifest> {
    let contract = root.required("contract", contract);
    let class = root.required("class", |root, key| root.word(key, CLASSES));
    let language = root.required("language", Reader::string);
    let stack = root.string_map("stack");
    let source = root.required("source", |root, key| globs(root, key));
    let notes = root.string("notes");
    let docs = root.strings("docs");
    if let Some(class) = &class
        && class.value == Class::Production
        && docs.is_empty()
    {
        let message = "class production needs `docs`, the pages that recommend its settings";
        let hint = "without them the class is `stock` (defaults only) or `tuned`";
        root.problem(Problem::new(message, class.place.clone()).hint(hint));
    }
    let require = root.tables("require").into_iter().filter_map(requirement);
    let require = require.collect();
    let build = root
        .table("build")
        .map(|mut table| finished(&mut table, build));
    let run = root.required("run", Reader::table);
    let run = run.and_then(|mut table| finished(&mut table, run_plan));
    let ready = optional(root, "ready", ready)?;
    let needs = optional(root, "needs", needs)?;
    let behaviour = root.table("behaviour").map_or_else(
        || Some(Behaviour::default()),
        |mut table| {
            finished(&mut table, |table| {
                behaviour(
                    table,
                    class.as_ref(),
                    contract.as_ref().map(|c| c.value.as_str()),
                )
            })
        },
    );
    let limits = optional(root, "limits", limits)?;
    Some(Manifest {
        schema: u32::try_from(schema?.value).ok()?,
        id: id?.value,
        extends: None,
        name: name?.value,
        contract: contract?.value,
        class: class?.value,
        language: language?.value,
        stack: pairs(stack),
        source: source?,
        notes: notes.map(|notes| notes.value).unwrap_or_default(),
        docs: docs.into_iter().map(|page| page.value).collect(),
        require,
        build: match build {
            None => None,
            Some(build) => Some(build?),
        },
        run: run?,
        ready,
        needs,
        behaviour: behaviour?,
        limits,
        dir: PathBuf::new(),
        text: String::new(),
    })
}

const CLASSES: &[(&str, Class)] = &[
    ("published", Class::Published),
    ("stock", Class::Stock),
    ("production", Class::Production),
    ("tuned", Class::Tuned),
];

/// A file that another one extends.
struct Parent {
    named: String,
    dir: PathBuf,
    text: String,
}

fn inherit(root: Toml<'_, '_, '_>, folder: &Path, extends: Spanned<String>) -> Option<Parent> {
    let Spanned { value, place } = extends;
    let dir = folder.join(&value);
    let read = fs::canonicalize(&dir)
        .and_then(|dir| Ok((fs::read_to_string(dir.join("target.toml"))?, dir)));
    let (text, dir) = match read {
        Ok(read) => read,
        Err(error) => {
            let message = format!(
                "could not read {}: {error}",
                dir.join("target.toml").display()
            );
            let hint = "`extends` names the folder of another target, such as \"../greet-go\"";
            root.problem(Problem::new(message, place).hint(hint));
            return None;
        }
    };
    root.inherit(&text, &place);
    Some(Parent {
        named: value,
        dir,
        text,
    })
}

fn check_id(root: Toml<'_, '_, '_>, id: &Spanned<String>, folder: &Path) {
    let Some(folder) = folder.file_name().and_then(|name| name.to_str()) else {
        return;
    };
    if id.value != folder {
        let message = format!("`id` is {:?}, but its folder is {folder:?}", id.value);
        root.problem(Problem::new(message, id.place.clone()).hint("make the two equal"));
    }
}

fn contract(root: Toml<'_, '_, '_>, key: &'static str) -> Option<Spanned<String>> {
    root.parsed(key, |text| {
        let parts = text.split_once('/');
        let good = parts.is_some_and(|(name, version)| {
            !name.is_empty() && version.parse::<u32>().is_ok_and(|version| version > 0)
        });
        if good {
            Ok(text.to_owned())
        } else {
            Err(format!(
                "{text:?} is not a name and a version, such as greet/1"
            ))
        }
    })
}
