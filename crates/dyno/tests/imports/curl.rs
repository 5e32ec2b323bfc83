//! Three real lines of curl, with quotes, JSON and headers.

use crate::common::Place;
use crate::common::shop::{Answer, Asked, Shop};
use crate::{SHORT, STARTS, import, play, succeeded};

/// A request on lines: method and target, headers, body.
fn lines(asked: &Asked) -> Vec<String> {
    let headers = asked
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"));
    let first = [asked.line()].into_iter();
    first.chain(headers).chain([asked.body.clone()]).collect()
}

#[test]
fn a_curl_line_asks_what_curl_asks() {
    let check = |line: &str, expected: &[&str]| {
        let shop = Shop::open(|_| Answer::json(200, "{}"));
        let url = shop.url();
        let authority = url.strip_prefix("http://").unwrap();
        let place = Place::new("");
        import(&place, &["curl", &line.replace("HOST:PORT", authority)]);
        let (step, asked) = play(&place, &shop, &SHORT);
        succeeded(&step);
        assert_eq!(asked.len() as u64, STARTS);
        let mut wanted: Vec<_> = expected.iter().map(ToString::to_string).collect();
        wanted.insert(1, format!("Host: {authority}"));
        if !expected.iter().any(|line| line.starts_with("User-Agent: ")) {
            let own = concat!("User-Agent: dyno/", env!("CARGO_PKG_VERSION"));
            wanted.insert(2, own.to_owned());
        }
        let body = wanted.last().unwrap().len();
        wanted.insert(wanted.len() - 1, format!("Content-Length: {body}"));
        for asked in &asked {
            assert_eq!(lines(asked), wanted);
        }
    };
    // As a browser copies it ("Copy as cURL (bash)").
    let browser = r#"curl 'https://shop.example:8443/api/cart?ref=a%20b&x=%7B1%7D' \
  -H 'accept: application/json, text/plain, */*' \
  -H 'accept-language: en-US,en;q=0.9' \
  -H 'content-type: application/json;charset=UTF-8' \
  -b 'session=s%3Aabc.def; theme="dark"' \
  -H 'origin: https://shop.example:8443' \
  -H 'sec-ch-ua: "Not:A-Brand";v="8", "Chromium";v="156"' \
  --data-raw $'{"note":"it\'s 5 o\'clock\\n","price":9.5,"tags":["a","{{b}}"],"gift":true}' \
  --compressed"#;
    let expected = [
        "POST /api/cart?ref=a%20b&x=%7B1%7D",
        "accept: application/json, text/plain, */*",
        "accept-language: en-US,en;q=0.9",
        "content-type: application/json;charset=UTF-8",
        "origin: https://shop.example:8443",
        r#"sec-ch-ua: "Not:A-Brand";v="8", "Chromium";v="156""#,
        "Accept-Encoding: deflate, gzip, br, zstd",
        r#"Cookie: session=s%3Aabc.def; theme="dark""#,
        r#"{"note":"it's 5 o'clock\n","price":9.5,"tags":["a","{{b}}"],"gift":true}"#,
    ];
    check(browser, &expected);
    // As the manual of an API has it: pretty JSON over several lines.
    let manual = "curl -sS -X PUT http://HOST:PORT/books/_doc/1?refresh=wait_for \\\n  \
                  -u elastic:'p:w d' -H \"Content-Type: application/json\" -d '\n{\n  \
                  \"title\": \"Snow \\\"Crash\\\"\",\n  \"pages\": 470\n}\n' | jq .\n";
    let expected = [
        "PUT /books/_doc/1?refresh=wait_for",
        "Content-Type: application/json",
        "Authorization: Basic ZWxhc3RpYzpwOncgZA==",
        "\n{\n  \"title\": \"Snow \\\"Crash\\\"\",\n  \"pages\": 470\n}\n",
    ];
    check(manual, &expected);
    // As people type it: a form, an option stuck to its value, the address last.
    let typed = r#"curl -vXPOST -A 'my "agent"' -eHttps://a.example/ -H "X-Empty;" -H Accept: \
        -d user=ann --data-urlencode 'note=a b&c/ü' --data-binary 'q=1' HOST:PORT/login"#;
    let expected = [
        "POST /login",
        "X-Empty: ",
        "Referer: Https://a.example/",
        r#"User-Agent: my "agent""#,
        "Content-Type: application/x-www-form-urlencoded",
        "user=ann&note=a+b%26c%2F%C3%BC&q=1",
    ];
    check(typed, &expected);
}
