use serde_json::json;

use super::*;

fn form(body: &str) -> Form {
    Form::parse(body.as_bytes()).unwrap()
}

fn wrong(form: Form) -> Vec<(&'static str, Wrong)> {
    form.wrong.into_iter().collect()
}

#[test]
fn bodies_are_json_or_not() {
    for (body, is_good) in [
        (&b"{}"[..], true),
        (b" {\"a\": [1, {}]}\n", true),
        (b"[]", true),
        (b"null", true),
        (b"", false),
        (b"  ", false),
        (b"{", false),
        (b"{'a':1}", false),
        (b"{\"a\":1,}", false),
        (b"{\"a\":01}", false),
        (b"{\"a\":NaN}", false),
        (b"{\"a\":1} x", false),
        (b"{\"a\":\"b\nc\"}", false),
        (b"{\"a\":\"\xff\"}", false),
        (b"{\"a\":\"\xed\xa0\x80\"}", false),
        (b"\xef\xbb\xbf{}", false),
    ] {
        let seen = Form::parse(body);
        assert_eq!(seen.is_ok(), is_good, "{}", String::from_utf8_lossy(body));
        assert!(is_good || matches!(seen, Err(Failure::BadJson)));
    }
}

#[test]
fn what_is_no_object_has_no_members() {
    for body in ["[]", "[{\"name\":\"Ann\"}]", "\"name\"", "1", "null"] {
        let mut form = form(body);
        assert_eq!(form.text("name", is_name), None);
        assert_eq!(wrong(form), [("name", Wrong::Required)], "{body}");
    }
}

#[test]
fn all_wrong_members_are_named() {
    let mut form = form(r#"{"email":null,"password":["Passw0rd"],"NAME":"Ann","more":1}"#);
    form.email("email");
    form.text("password", is_password);
    form.text("name", is_name);
    let expected = [
        ("email", Wrong::Invalid),
        ("name", Wrong::Required),
        ("password", Wrong::Invalid),
    ];
    assert_eq!(wrong(form), expected);
}

#[test]
fn texts_are_unescaped_and_the_last_of_two_counts() {
    let mut form = form(r#"{"name":1,"name":"\u00e4\ud83d\ude42\n"}"#);
    assert_eq!(form.text("name", |_| true).as_deref(), Some("ä🙂\n"));
}

#[test]
fn objects_are_kept_as_they_came() {
    for (payload, expected) in [
        ("{}", true),
        (r#"{"a": 1e999, "b":12345678901234567890}"#, true),
        ("[]", false),
        ("\"{}\"", false),
        ("null", false),
        (&json!({ "a": "x".repeat(4096 - 8) }).to_string(), true),
        (&json!({ "a": "x".repeat(4096 - 7) }).to_string(), false),
    ] {
        let mut form = form(&format!("{{\"payload\": {payload}}}"));
        let seen = form.object("payload", MAX_PAYLOAD);
        let seen = seen.as_ref().map(|object| object.get());
        assert_eq!(seen, expected.then_some(payload));
    }
}

#[test]
fn numbers_of_a_query_have_digits_only() {
    for (text, expected) in [
        ("1", Some(1)),
        ("100", Some(100)),
        ("007", Some(7)),
        ("0", None),
        ("101", None),
        ("", None),
        ("+5", None),
        (" 5", None),
        ("-1", None),
        ("1.5", None),
        ("٥", None),
        ("99999999999999999999", None),
    ] {
        let query = HashMap::from([("limit".to_owned(), text.to_owned())]);
        let mut form = Form::default();
        let seen = form.number(&query, "limit", 20, 1..=100);
        assert_eq!(seen, expected, "{text:?}");
        assert_eq!(wrong(form).is_empty(), expected.is_some());
    }
    let mut form = Form::default();
    let seen = form.number(&HashMap::new(), "limit", 20, 1..=100);
    assert_eq!(seen, Some(20));
}

#[test]
fn emails_are_made_small_and_then_checked() {
    let longest = format!("{}@{}.example", "a".repeat(64), "b".repeat(181));
    for (email, expected) in [
        ("Ann@Example.COM", Some("ann@example.com")),
        ("._%+-@1.-x-.de", Some("._%+-@1.-x-.de")),
        (longest.as_str(), Some(longest.as_str())),
        (&format!("x{longest}"), None),
        (&longest.replace("@b", "@bb"), None),
        ("ann@host", None),
        ("ann@host.d", None),
        ("ann@host.d3", None),
        ("ann@host..de", None),
        ("ann@host_1.de", None),
        ("ann@host.de\n", None),
        (" ann@host.de", None),
        ("ann@\u{212a}.de", None),
        ("änn@host.de", None),
    ] {
        let mut form = form(&json!({ "email": email }).to_string());
        assert_eq!(form.email("email").as_deref(), expected, "{email:?}");
    }
}

type Rule = fn(&str) -> bool;

#[test]
fn passwords_names_events_and_credentials() {
    let long = |text: &str, count| text.repeat(count);
    let cases: [(Rule, &[&str], &[&str]); 4] = [
        (
            is_password,
            &["Passw0rd", "!~!~!~!~", &long("x", 64)],
            &[
                "",
                "Passw0r",
                "Pass w0rd",
                "Passw0rd\n",
                "Pässw0rd",
                &long("x", 65),
            ],
        ),
        (
            is_name,
            &["x", "  Ann  ", "e\u{301}\u{80}", &long("🙂", 64)],
            &["", "An\nn", "Ann\0", "Ann\x7f", &long("🙂", 65)],
        ),
        (
            is_event,
            &["a", "order.paid_2", &long("a", 64)],
            &["", "Order", "1st", ".a", "a-b", "a\n", &long("a", 65)],
        ),
        (
            is_credential,
            &["x", &long("ä", 254)],
            &["", &long("x", 255)],
        ),
    ];
    for (rule, good, bad) in cases {
        assert!(good.iter().all(|text| rule(text)), "{good:?}");
        assert!(!bad.iter().any(|text| rule(text)), "{bad:?}");
    }
}

#[test]
fn ids_are_decimal_numbers_of_at_most_sixteen_digits() {
    for (text, expected) in [
        ("1", Some(1)),
        ("9999999999999999", Some(9_999_999_999_999_999)),
        ("10000000000000000", None),
        ("0", None),
        ("01", None),
        ("-1", None),
        ("1x", None),
        ("", None),
        ("me", None),
    ] {
        assert_eq!(user_id(text), expected, "{text:?}");
    }
}

#[test]
fn media_types_may_have_parameters() {
    for (text, expected) in [
        ("application/json", true),
        ("Application/JSON; charset=utf-8", true),
        ("application/json ;x", true),
        ("application/jsonp", false),
        ("text/json", false),
        ("", false),
    ] {
        assert_eq!(is_json(text), expected, "{text:?}");
    }
}
