//! An OpenAPI description as a skeleton: a flow for each operation.
//!
//! The description is walked as a tree, not read into the types of a crate: those of
//! 3.0 and 3.1 are two sets, and each refuses a whole file for one key that plays no
//! part here.

mod document;
mod operation;
mod payload;
mod sample;
mod security;

use crate::address::Address;
use crate::draft::{Asked, Draft, Names, stem};
use crate::text::without_marks;
use crate::{Error, Imported, Warning};

use document::{Document, Part};
use operation::{Operation, Skeleton};

const METHODS: [&str; 9] = [
    "get", "head", "post", "put", "patch", "delete", "options", "trace", "query",
];

/// Makes a scenario of an OpenAPI 3.0 or 3.1 description in YAML or JSON: a flow of
/// one request for each operation, weight 1, expecting the 2xx that it promises.
///
/// Path parameters become `[vars]`; required query parameters and headers, and bodies,
/// get their examples or values made up from their schemas. What the operation asks of
/// its caller comes from the environment: `Authorization: Bearer {{env.TOKEN}}`.
/// `source` is the file's name.
pub fn openapi(source: &str, text: &str) -> Result<Imported, Error> {
    let text = without_marks(text);
    let document = Document::read(&text)?;
    let mut warnings = Vec::new();
    let (origin, prefix) = server(&document, &mut warnings);
    let mut skeleton = Skeleton {
        document: &document,
        prefix,
        vars: Vec::new(),
        variables: Vec::new(),
        names: Names::default(),
        warnings,
    };
    let mut flows = Vec::new();
    let paths = document.part("paths");
    for (path, item) in paths.iter().flat_map(Part::members) {
        if path.starts_with("x-") {
            continue;
        }
        let item = document.resolve(item)?;
        for (method, part) in item.members() {
            if METHODS.contains(&method) {
                let item = item.clone();
                let operation = Operation {
                    method,
                    path,
                    item,
                    part,
                };
                flows.push(skeleton.flow(&operation)?);
            }
        }
    }
    if flows.is_empty() {
        let hint = "give a description with operations under `paths`";
        return Err(Error::nothing("the description has no operation", hint));
    }
    let mut notes = vec![
        "A skeleton: each flow stands alone. Join those that belong together, with \
         `capture` for what one gives to the next, and weigh them."
            .to_owned(),
        "Examples are the same in every request: where the server wants new values, write \
         {{random_string(12)}} or {{seq}} there."
            .to_owned(),
    ];
    if !skeleton.vars.is_empty() {
        notes.push("[vars] has the path parameters: give it values that exist.".to_owned());
    }
    for (variable, what) in &skeleton.variables {
        notes.push(format!("The environment must have {variable}: {what}."));
    }
    if flows.iter().any(|flow| flow.requests[0].method == "DELETE") {
        let text =
            "DELETE takes away what other flows ask for: let a flow delete what it has made.";
        notes.push(text.to_owned());
    }
    let draft = Draft {
        name: stem(source).to_owned(),
        question: format!(
            "Made by `dyno import openapi` from {source}: {}.",
            title(&document)
        ),
        play: format!("dyno run FILE --url {origin}"),
        notes,
        vars: skeleton.vars,
        data: Vec::new(),
        asked: Asked::Flows(flows),
        closing: Vec::new(),
        warnings: skeleton.warnings,
    };
    Ok(draft.finish())
}

/// What the description calls itself.
fn title(document: &Document) -> String {
    let info = document.part("info");
    let about = |name| info.as_ref().and_then(|info| info.scalar(name));
    match (about("title"), about("version")) {
        (Some(title), Some(version)) => format!("{title}, version {version}"),
        (Some(title), None) => title,
        (None, _) => "a description without a title".to_owned(),
    }
}

/// Origin and path of the first server; what the description leaves open in capitals.
fn server(document: &Document, warnings: &mut Vec<Warning>) -> (String, String) {
    let open = "http://HOST:PORT".to_owned();
    let root = Part {
        json: &document.root,
        place: String::new(),
    };
    let servers = root.list("servers");
    let Some(server) = servers.first() else {
        return (open, String::new());
    };
    let mut url = server.text("url").unwrap_or_default();
    let variables = server.get("variables");
    for (name, variable) in variables.iter().flat_map(Part::members) {
        let default = variable.scalar("default").unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), &default);
    }
    if servers.len() > 1 {
        let text = format!("the first of {} servers: {url}", servers.len());
        warnings.push(Warning::new(text));
    }
    let (origin, path) = match Address::of(&url) {
        Some(address) => (address.origin, address.path),
        None => (open, url),
    };
    (origin, path.trim_end_matches('/').to_owned())
}
