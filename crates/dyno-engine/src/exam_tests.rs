//! Every kind of check and capture on answers that pass and answers that do not.

use std::time::Duration;

use dyno_result::FailureKind as K;
use dyno_scenario::{Capture, Check, JsonType, Node, Place, Text};
use serde_json::json;

use super::*;

const HEAD: &str = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\
    Location: /items/7\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: s=t%3D; HttpOnly\r\n\r\n";
const BODY: &str = r#"{"id": 5, "name": "Zoë \"x\"", "list": [1, 2.5, null], "ok": true,
    "deep": {"er": [{"v": "w"}]}, "one": 1.0, "none": null}"#;

fn kept(body: &str) -> Kept {
    Kept {
        head: HEAD.into(),
        body: body.into(),
        ..Kept::default()
    }
}

fn facts(body: &str, is_sampled: bool) -> Facts {
    Facts {
        service: Duration::from_millis(10),
        body_bytes: body.len() as u64,
        is_sampled,
    }
}

fn seen(check: Check, body: &str, is_sampled: bool) -> Option<K> {
    let exam = Exam::new(&[check], &[]).unwrap();
    let looked = exam.look(&kept(body), &facts(body, is_sampled), &mut []);
    looked.err().map(|wrong| wrong.kind)
}

#[test]
fn each_check_passes_what_is_right_and_nothing_else() {
    let check = |check: Check, expected: Option<K>| {
        let text = format!("{check:?}");
        assert_eq!(seen(check, BODY, true), expected, "{text}");
    };
    let (body, header) = (Some(K::CheckBody), Some(K::CheckHeader));
    check(Check::BodyContains(b"\"ok\": true".to_vec()), None);
    check(Check::BodyContains(b"\"ok\":true".to_vec()), body);
    check(Check::BodyMatches(r#""id": \d+,"#.to_owned()), None);
    check(Check::BodyMatches(r#"^"id""#.to_owned()), body);
    let length = BODY.len() as u64;
    check(Check::BodyBytes(length, length), None);
    check(Check::BodyBytes(0, length - 1), body);
    check(Check::BodyBytes(length + 1, u64::MAX), body);
    check(Check::Within(Duration::from_millis(10)), None);
    check(Check::Within(Duration::from_millis(9)), Some(K::CheckTime));
    let field = |name: &str, text| Check::Header(name.to_owned(), text);
    check(field("location", Text::Exists), None);
    check(field("etag", Text::Exists), header);
    check(field("location", Text::Equals("/items/7".to_owned())), None);
    check(
        field("location", Text::Equals("/items/".to_owned())),
        header,
    );
    check(
        field("content-type", Text::Contains("json".to_owned())),
        None,
    );
    check(
        field("content-type", Text::Contains("xml".to_owned())),
        header,
    );
    check(
        field("location", Text::Matches("^/items/[0-9]+$".to_owned())),
        None,
    );
    check(
        field("location", Text::Matches("^[0-9]+$".to_owned())),
        header,
    );
    // Of several fields of one name any will do.
    check(field("set-cookie", Text::Contains("s=".to_owned())), None);
    let node = |path: &str, node| Check::Json(path.to_owned(), node);
    for (path, value) in [
        ("$.id", json!(5)),
        ("$.id", json!(5.0)),
        ("$.one", json!(1)),
        ("$.name", json!("Zoë \"x\"")),
        ("$.ok", json!(true)),
        ("$.none", json!(null)),
        ("$.list", json!([1, 2.5, null])),
        ("$.deep", json!({"er": [{"v": "w"}]})),
        ("$..v", json!("w")),
    ] {
        check(node(path, Node::Equals(value)), None);
    }
    for (path, value) in [
        ("$.id", json!(6)),
        ("$.id", json!("5")),
        ("$.name", json!("Zoë")),
        ("$.ok", json!(false)),
        ("$.none", json!("null")),
        ("$.list", json!([1, 2.5])),
        ("$.missing", json!(null)),
        ("$..v", json!("x")),
    ] {
        check(node(path, Node::Equals(value)), body);
    }
    use JsonType as T;
    let all = [
        T::Null,
        T::Boolean,
        T::Integer,
        T::Number,
        T::String,
        T::Array,
        T::Object,
    ];
    for (path, types) in [
        ("$.none", &[T::Null][..]),
        ("$.ok", &[T::Boolean]),
        ("$.id", &[T::Integer, T::Number]),
        ("$.one", &[T::Integer, T::Number]),
        ("$.list[1]", &[T::Number]),
        ("$.name", &[T::String]),
        ("$.list", &[T::Array]),
        ("$.deep", &[T::Object]),
        ("$.missing", &[]),
    ] {
        for one in all {
            let expected = if types.contains(&one) { None } else { body };
            check(node(path, Node::Type(one)), expected);
        }
    }
    check(node("$.id", Node::Exists(true)), None);
    check(node("$.id", Node::Exists(false)), body);
    check(node("$.missing", Node::Exists(true)), body);
    check(node("$.missing", Node::Exists(false)), None);
    check(node("$.list[*]", Node::Count(3, 3)), None);
    check(node("$.list[*]", Node::Count(4, 9)), body);
    check(node("$.list", Node::Count(1, 1)), None);
    check(node("$.missing", Node::Count(0, 0)), None);
}

#[test]
fn what_is_not_json_fails_every_check_of_json() {
    for node in [
        Node::Exists(false),
        Node::Count(0, 9),
        Node::Equals(json!(1)),
    ] {
        let check = Check::Json("$.a".to_owned(), node);
        assert_eq!(seen(check, "<html>", true), Some(K::CheckBody));
    }
}

#[test]
fn a_body_that_is_not_sampled_is_not_checked() {
    let wrong = || Check::BodyContains(b"never".to_vec());
    assert_eq!(seen(wrong(), BODY, true), Some(K::CheckBody));
    assert_eq!(seen(wrong(), BODY, false), None);
    let header = Check::Header("etag".to_owned(), Text::Exists);
    assert_eq!(seen(header, BODY, false), Some(K::CheckHeader));
}

#[test]
fn values_are_captured_or_the_answer_fails() {
    let capture = |from: Place| {
        let exam = Exam::new(&[], &[Capture { slot: 1, from }]).unwrap();
        let mut slots = vec![b"other".to_vec(), b"old".to_vec()];
        let looked = exam.look(&kept(BODY), &facts(BODY, false), &mut slots);
        assert_eq!(slots[0], b"other");
        looked
            .map(|()| String::from_utf8(slots[1].clone()).unwrap())
            .map_err(|wrong| wrong.kind)
    };
    let json = |path: &str| capture(Place::Json(path.to_owned()));
    assert_eq!(json("$.name").as_deref(), Ok("Zoë \"x\""));
    assert_eq!(json("$.list[1]").as_deref(), Ok("2.5"));
    assert_eq!(json("$.list").as_deref(), Ok("[1, 2.5, null]"));
    assert_eq!(json("$..v").as_deref(), Ok("w"));
    assert_eq!(json("$.missing"), Err(K::CheckCapture));
    let header = |name: &str| capture(Place::Header(name.to_owned()));
    assert_eq!(header("location").as_deref(), Ok("/items/7"));
    assert_eq!(header("etag"), Err(K::CheckCapture));
    let cookie = |name: &str| capture(Place::Cookie(name.to_owned()));
    assert_eq!(cookie("s").as_deref(), Ok("t%3D"));
    assert_eq!(cookie("HttpOnly"), Err(K::CheckCapture));
    let regex = |text: &str| capture(Place::Regex(text.to_owned()));
    assert_eq!(regex(r#""id": (\d)"#).as_deref(), Ok("5"));
    assert_eq!(regex(r#""id": \d"#).as_deref(), Ok("\"id\": 5"));
    assert_eq!(regex("(x)?never"), Err(K::CheckCapture));
}

#[test]
fn only_what_is_looked_at_is_kept() {
    let keep = |checks: &[Check], captures: &[Place], is_sampled| {
        let capture = |from: &Place| Capture {
            slot: 0,
            from: from.clone(),
        };
        let captures: Vec<Capture> = captures.iter().map(capture).collect();
        let keep = Exam::new(checks, &captures).unwrap().keep(is_sampled);
        (keep.head, keep.body > 0)
    };
    let contains = [Check::BodyContains(b"x".to_vec())];
    assert_eq!(keep(&[], &[], true), (false, false));
    assert_eq!(
        keep(&[Check::BodyEquals(b"x".to_vec())], &[], true),
        (false, false)
    );
    assert_eq!(keep(&[Check::BodyBytes(1, 2)], &[], true), (false, false));
    assert_eq!(keep(&contains, &[], true), (false, true));
    assert_eq!(keep(&contains, &[], false), (false, false));
    let header = Check::Header("a".to_owned(), Text::Exists);
    assert_eq!(keep(&[header], &[], false), (true, false));
    assert_eq!(
        keep(&[], &[Place::Cookie("a".to_owned())], false),
        (true, false)
    );
    assert_eq!(
        keep(&[], &[Place::Json("$.a".to_owned())], false),
        (false, true)
    );
}
