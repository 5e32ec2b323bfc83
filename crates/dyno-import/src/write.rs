//! Writes a scenario file: comments first, keys in the order of the house, long
//! values in tables of their own.

use std::fmt::Write;

use dyno_scenario::{print_duration, slug};
use toml_writer::{ToTomlKey, ToTomlValue, TomlKeyBuilder, TomlStringBuilder};

use crate::draft::{Asked, Body, Data, Draft, Flow, LONGEST_NAME, Request, Status};
use crate::header::Headers;
use crate::json::Json;
use crate::text::Text;

/// The longest line of TOML that is still read at a glance.
const WIDTH: usize = 100;

/// The longest line of a comment.
const COMMENT_WIDTH: usize = 84;

/// The whole file.
pub(crate) fn file(draft: &Draft) -> String {
    let mut out = String::new();
    comment(&mut out, "", &draft.question);
    out.push('\n');
    comment(&mut out, "", "Look at these before you believe a figure:");
    let load = "The load is a first one: `[[step]]` below.";
    let notes = draft.notes.iter().map(String::as_str);
    let warnings = draft
        .warnings
        .iter()
        .map(|warning| warning.message.as_str());
    for note in [load].into_iter().chain(notes).chain(warnings) {
        comment(&mut out, "- ", note);
    }
    out.push_str("#\n");
    comment(&mut out, "", &format!("Play it: {}", draft.play));
    let name = slug(&draft.name);
    let name = name.get(..LONGEST_NAME).unwrap_or(&name);
    line(&mut out, "", "\nname", &string(name));
    if !draft.vars.is_empty() {
        out.push_str("\n[vars]\n");
        for (name, text) in &draft.vars {
            line(&mut out, "", &key(name), &string(text));
        }
    }
    draft.data.iter().for_each(|rows| data(&mut out, rows));
    match &draft.asked {
        Asked::Requests(requests) => {
            for asked in requests {
                out.push_str("\n[[request]]\n");
                request(
                    &mut out,
                    asked,
                    &Place {
                        indent: "",
                        table: "request",
                    },
                );
            }
        }
        Asked::Flows(flows) => flows.iter().for_each(|each| flow(&mut out, each)),
    }
    out.push_str("\n[[step]]\nname = \"first look\"\nduration = \"10s\"\nconnections = 10\n");
    if !draft.closing.is_empty() {
        out.push('\n');
    }
    for closing in &draft.closing {
        let _ = writeln!(out, "{}", format!("# {}", one_line(closing)).trim_end());
    }
    out
}

/// Where a request stands in the file.
struct Place {
    indent: &'static str,
    table: &'static str,
}

fn flow(out: &mut String, flow: &Flow) {
    out.push('\n');
    if let Some(text) = &flow.comment {
        comment(out, "", text);
    }
    out.push_str("[[flow]]\n");
    line(out, "", "name", &string(&flow.name));
    line(out, "", "weight", &flow.weight.to_string());
    if flow.cookies {
        line(out, "", "cookies", "true");
    }
    for asked in &flow.requests {
        out.push_str("\n  [[flow.request]]\n");
        let place = Place {
            indent: "  ",
            table: "flow.request",
        };
        request(out, asked, &place);
    }
}

/// The keys of a request. What is too long for a line comes last, as a table has to.
fn request(out: &mut String, request: &Request, place: &Place) {
    let mut tables = String::new();
    let mut entry = |out: &mut String, name: &str, members: &[(String, String)]| {
        let inline = format!("{}{name} = {}", place.indent, inline(members));
        if inline.chars().count() <= WIDTH && !inline.contains('\n') {
            out.push_str(&inline);
            out.push('\n');
            return;
        }
        let _ = writeln!(tables, "{}[{}.{name}]", place.indent, place.table);
        for (name, value) in members {
            line(&mut tables, place.indent, name, value);
        }
    };
    if request.method != "GET" {
        line(out, place.indent, "method", &string(&request.method));
    }
    line(out, place.indent, "path", &string(request.path.as_str()));
    if !request.headers.is_empty() {
        entry(out, "headers", &headers(&request.headers));
    }
    match &request.body {
        Body::None => {}
        Body::Text(text) => {
            let text = TomlStringBuilder::new(text.as_str()).as_default();
            line(out, place.indent, "body", &text.to_toml_value());
        }
        Body::Json(json) => entry(out, "json", &members(json)),
        Body::Form(fields) => {
            let field = |(name, text): &(String, Text)| (key(name), string(text.as_str()));
            entry(out, "form", &fields.iter().map(field).collect::<Vec<_>>());
        }
    }
    if !request.think.is_zero() {
        line(
            out,
            place.indent,
            "think",
            &string(&print_duration(request.think)),
        );
    }
    if let Some(status) = status(&request.status) {
        line(
            out,
            place.indent,
            "expect",
            &format!("{{ status = {status} }}"),
        );
    }
    if !request.capture.is_empty() {
        let capture = |(name, path): &(String, String)| (key(name), string(path));
        entry(
            out,
            "capture",
            &request.capture.iter().map(capture).collect::<Vec<_>>(),
        );
    }
    out.push_str(&tables);
}

fn data(out: &mut String, data: &Data) {
    let _ = writeln!(out, "\n[data.{}]\nrows = [", key(&data.name));
    for row in &data.rows {
        let cell = |(name, text): (&String, &String)| (key(name), string(text));
        let cells: Vec<_> = data.columns.iter().zip(row).map(cell).collect();
        let _ = writeln!(out, "    {},", inline(&cells));
    }
    out.push_str("]\norder = \"random\"\n");
}

fn headers(headers: &Headers) -> Vec<(String, String)> {
    let header = |(name, text): &(String, Text)| (key(name), string(text.as_str()));
    headers.iter().map(header).collect()
}

fn status(statuses: &[Status]) -> Option<String> {
    let one = |status: &Status| match status {
        Status::One(code) => code.to_string(),
        Status::Class(digit) => string(&format!("{digit}xx")),
    };
    match statuses {
        [] => None,
        [status] => Some(one(status)),
        several => {
            let several: Vec<_> = several.iter().map(one).collect();
            Some(format!("[{}]", several.join(", ")))
        }
    }
}

fn members(json: &Json) -> Vec<(String, String)> {
    let member = |(name, json): &(String, Json)| (key(name), value(json));
    json.members().iter().map(member).collect()
}

/// A value on one line.
fn value(json: &Json) -> String {
    match json {
        // Nothing is written that `Json::fits_toml` has not passed.
        Json::Null => string(""),
        Json::Boolean(value) => value.to_string(),
        Json::Integer(number) => number.to_string(),
        Json::Float(number) => number.to_toml_value(),
        Json::Text(text) => string(text.as_str()),
        Json::List(elements) => {
            let elements: Vec<_> = elements.iter().map(value).collect();
            format!("[{}]", elements.join(", "))
        }
        Json::Object(_) => inline(&members(json)),
    }
}

fn inline(members: &[(String, String)]) -> String {
    if members.is_empty() {
        return "{}".to_owned();
    }
    let member = |(name, value): &(String, String)| format!("{name} = {value}");
    let members: Vec<_> = members.iter().map(member).collect();
    format!("{{ {} }}", members.join(", "))
}

/// A string on one line.
fn string(text: &str) -> String {
    let builder = TomlStringBuilder::new(text);
    let string = if text.contains('\n') {
        builder.as_basic()
    } else {
        builder.as_default()
    };
    string.to_toml_value()
}

fn key(name: &str) -> String {
    TomlKeyBuilder::new(name).as_default().to_toml_key()
}

fn line(out: &mut String, indent: &str, key: &str, value: &str) {
    let _ = writeln!(out, "{indent}{key} = {value}");
}

/// A paragraph of a comment, broken between words; `mark` stands before the first.
fn comment(out: &mut String, mark: &str, text: &str) {
    let indent = " ".repeat(mark.len());
    let mut line = format!("# {mark}");
    let mut is_fresh = true;
    for word in one_line(text).split(' ') {
        if !is_fresh && line.chars().count() + 1 + word.chars().count() > COMMENT_WIDTH {
            let _ = writeln!(out, "{line}");
            line = format!("# {indent}");
            is_fresh = true;
        }
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    let _ = writeln!(out, "{}", line.trim_end());
}

/// A comment ends with its line, and may have no control characters.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}
