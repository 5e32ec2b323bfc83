//! Every problem at once, each with its place and hint.

use super::*;
use crate::read;

/// The messages for a table with `name` (required), `count` 1..=9, `mode`
/// and `tags`.
fn check(text: &str, expected: &[&str]) {
    let result = read("f.toml", text, |root| {
        let name = root.required("name", Reader::string);
        root.integer("count", 1..=9);
        root.word("mode", &[("fast", 1), ("slow", 2)]);
        root.strings("tags");
        name
    });
    let messages = match result {
        Ok(_) => Vec::new(),
        Err(problems) => problems.to_string().lines().map(str::to_owned).collect(),
    };
    assert_eq!(messages, expected, "{text}");
}

#[test]
fn every_problem_is_found_at_once() {
    check("name = 'x'\ncount = 3\ntags = ['a']", &[]);
    check(
        "cuont = 0\ncount = 0\nmode = 'fats'\ntags = [1]\n",
        &[
            "f.toml:1:1: `name` is missing",
            "f.toml:1:1: unknown key `cuont` (did you mean `count`?)",
            "f.toml:2:9: `count` must be at least 1, found 0",
            "f.toml:3:9: `mode` cannot be \"fats\" (did you mean `fast`?)",
            "f.toml:4:9: `tags` must be text in quotes, found the number 1",
        ],
    );
    check(
        "name = 5\nzzzzzzzz = 1\ntags = 'a'",
        &[
            "f.toml:1:8: `name` must be text in quotes, found the number 5",
            "f.toml:2:1: unknown key `zzzzzzzz` (known here: name, count, mode, tags)",
            "f.toml:3:9: `tags` must be a list, found the text \"a\"",
        ],
    );
}

#[test]
fn broken_toml_is_one_problem_with_its_place() {
    check("name = ", &["f.toml:1:8: unexpected eof encountered"]);
}
