//! What paths select, against the library that is right by definition.

use super::*;

const TEXT: &str = r#" {"a": {"b": [10, {"c": "x\"\u00e9\n"}, [[1.50]], null], "": 1},
    "token" : "t0k", "n": -1.0e3, "twice": 1, "twice": 2, "é": true,
    "a b": {"'": 5, "c": {}}} "#;

#[test]
fn singular_paths_are_followed_and_others_left_to_the_library() {
    for (text, is_one) in [
        ("$", true),
        ("$.a.b[1].c", true),
        ("$['a']['b'][1]", true),
        ("$[\"a b\"]", true),
        ("$.é", true),
        ("$[-1]", false),
        ("$..c", false),
        ("$.a.*", false),
        ("$.a[0:1]", false),
        ("$['a','b']", false),
        ("$['a\\u0062']", false),
        ("$.a[?@.b]", false),
    ] {
        let path = Path::new(text).unwrap();
        assert_eq!(matches!(path, Path::One(_)), is_one, "{text}");
    }
    assert!(Path::new("$.a[").is_err());
}

/// Both kinds find what the library finds.
#[test]
fn the_first_node_is_found_as_it_is_written() {
    let tree: Value = serde_json::from_str(TEXT).unwrap();
    for (text, expected) in [
        ("$.token", Some("\"t0k\"")),
        ("$.a.b[0]", Some("10")),
        ("$.a.b[1].c", Some("\"x\\\"\\u00e9\\n\"")),
        ("$.a.b[2][0][0]", Some("1.50")),
        ("$.a.b[3]", Some("null")),
        ("$.a.b[4]", None),
        ("$.a['']", Some("1")),
        ("$.n", Some("-1.0e3")),
        ("$.twice", Some("2")),
        ("$.é", Some("true")),
        ("$['a b'].c", Some("{}")),
        ("$['a b'][\"'\"]", Some("5")),
        ("$.token.x", None),
        ("$.token[0]", None),
        ("$.a[0]", None),
        ("$.missing", None),
        ("$..c", Some("\"x\\\"é\\n\"")),
        ("$.a.b[*]", Some("10")),
        ("$.a.b[-1]", Some("null")),
        ("$.a.b[9:]", None),
    ] {
        let path = Path::new(text).unwrap();
        let mut kept = String::new();
        assert_eq!(
            path.first(TEXT.as_bytes(), &mut kept),
            Ok(expected),
            "{text}"
        );
        let all = JsonPath::parse(text).unwrap();
        let nodes = all.query(&tree);
        assert_eq!(
            path.count(TEXT.as_bytes()),
            Ok(nodes.len() as u64),
            "{text}"
        );
        let value = expected.map(|text| serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(nodes.first(), value.as_ref(), "{text}");
    }
}

#[test]
fn what_is_not_json_has_no_nodes() {
    for text in [
        "",
        "{",
        "{\"a\":1}x",
        "{\"a\":1,}",
        "[1",
        "\u{1}",
        "{\"a\" 1}",
    ] {
        for path in ["$.a", "$", "$..a"] {
            let path = Path::new(path).unwrap();
            assert_eq!(
                path.first(text.as_bytes(), &mut String::new()),
                Err(NotJson),
                "{text}"
            );
        }
    }
}

#[test]
fn values_are_written_plainly() {
    for (node, expected) in [
        ("\"a\\n\\u00e9\\\"\"", "a\né\""),
        ("12.50", "12.50"),
        ("null", "null"),
        ("{\"a\": 1}", "{\"a\": 1}"),
    ] {
        let mut out = Vec::new();
        plain(node, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
