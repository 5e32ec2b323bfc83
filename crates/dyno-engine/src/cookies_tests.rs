//! Which cookies go with which later request.

use super::*;

const NOW_S: u64 = 1_767_323_045;

fn cookies(set: &[(&str, &str)], target: &str, is_secure: bool) -> String {
    let mut jar = Jar::default();
    let wall = Wall::at_ms(NOW_S * 1000);
    // What another flow had is gone.
    jar.set(b"old=1; Path=/", b"/", &wall);
    jar.clear();
    for (field, target) in set {
        jar.set(field.as_bytes(), target.as_bytes(), &wall);
    }
    let mut out = Vec::new();
    jar.write(target.as_bytes(), is_secure, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn later_requests_carry_what_was_set() {
    let check = |set: &[(&str, &str)], target, expected| {
        assert_eq!(
            cookies(set, target, false),
            expected,
            "{set:?} for {target}"
        );
    };
    check(&[], "/", "");
    check(
        &[("s=abc; HttpOnly; SameSite=Lax", "/login")],
        "/me",
        "s=abc",
    );
    check(&[("a=1", "/"), ("b = 2 ; Path=/", "/x/y")], "/", "a=1; b=2");
    check(&[("a=1", "/"), ("a=2", "/"), ("b=", "/")], "/", "a=2; b=");
    check(&[("a=x=y==", "/")], "/", "a=x=y==");
    check(&[("=1", "/"), ("novalue", "/")], "/", "");
    // Paths: the default is the folder of the request.
    check(&[("a=1", "/x/login?q=/z/")], "/x/me", "a=1");
    check(&[("a=1", "/x/login")], "/", "");
    check(&[("a=1; path=/x", "/")], "/xy", "");
    check(&[("a=1; path=/x", "/")], "/x/y?z", "a=1");
    check(&[("a=1; path=/x/", "/")], "/x/y", "a=1");
    check(&[("a=1; path=oops", "/x/y")], "/z", "");
    // Being told to forget.
    check(
        &[("a=1", "/"), ("b=2", "/"), ("a=; Max-Age=0", "/")],
        "/",
        "b=2",
    );
    check(
        &[("a=1", "/"), ("a=1; max-age=-5", "/"), ("c=3", "/")],
        "/",
        "c=3",
    );
    check(
        &[
            ("a=1", "/"),
            ("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "/"),
        ],
        "/",
        "",
    );
    check(
        &[("a=1; Expires=Fri, 02 Jan 2026 03:04:04 GMT", "/")],
        "/",
        "",
    );
    check(
        &[("a=1; Expires=Fri, 02 Jan 2026 03:04:09 GMT", "/")],
        "/",
        "a=1",
    );
    check(
        &[("a=1; Expires=Sunday, 06-Nov-94 08:49:37 GMT", "/")],
        "/",
        "",
    );
    check(&[("a=1; Expires=soon", "/")], "/", "a=1");
    check(
        &[(
            "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "/",
        )],
        "/",
        "a=1",
    );
    check(&[("a=1; Secure", "/"), ("b=2", "/")], "/", "b=2");
    assert_eq!(cookies(&[("a=1; Secure", "/")], "/", true), "a=1");
}

#[test]
fn one_value_is_found_by_its_name() {
    for (field, expected) in [
        ("s=abc; Path=/", Some("abc")),
        ("s=", Some("")),
        ("t=1; s=2", None),
        ("s", None),
    ] {
        let value = value_of(field.as_bytes(), "s");
        assert_eq!(value, expected.map(str::as_bytes), "{field}");
    }
}
