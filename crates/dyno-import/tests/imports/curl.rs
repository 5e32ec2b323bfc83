//! curl's lines, and the requests that come of them: exactly those that curl sends.

use dyno_import::curl;
use dyno_scenario::{Check, Scenario, parse};

/// A request on one line each: method and path, headers, body, as they are sent.
fn sent(script: &str) -> Vec<String> {
    let scenario = scenario(script);
    let requests = scenario.plan.requests();
    let lines = requests.flat_map(|request| {
        let text = |template: &dyno_scenario::Template| {
            String::from_utf8(template.as_fixed().unwrap().to_vec()).unwrap()
        };
        let first = format!("{} {}", request.method, text(&request.path));
        let headers = request.headers.iter();
        let headers = headers.map(|(name, value)| format!("{name}: {}", text(value)));
        let body = Some(text(&request.body)).filter(|body| !body.is_empty());
        assert_eq!(request.checks, Vec::<Check>::new());
        [first]
            .into_iter()
            .chain(headers)
            .chain(body)
            .collect::<Vec<_>>()
    });
    lines.collect()
}

fn scenario(script: &str) -> Scenario {
    let text = curl(script).unwrap().text;
    parse("curl.toml", &text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

#[test]
fn three_real_lines_with_quotes_json_and_headers() {
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
    assert_eq!(sent(browser), expected);

    // As the manual of an API has it: pretty JSON over several lines.
    let manual = "curl -sS -X PUT http://localhost:9200/books/_doc/1?refresh=wait_for \\\n  \
                  -u elastic:'p:w d' -H \"Content-Type: application/json\" -d '\n{\n  \
                  \"title\": \"Snow \\\"Crash\\\"\",\n  \"pages\": 470\n}\n' | jq .\n";
    let expected = [
        "PUT /books/_doc/1?refresh=wait_for",
        "Content-Type: application/json",
        "Authorization: Basic ZWxhc3RpYzpwOncgZA==",
        "\n{\n  \"title\": \"Snow \\\"Crash\\\"\",\n  \"pages\": 470\n}\n",
    ];
    assert_eq!(sent(manual), expected);

    // As people type it: a form, an option stuck to its value, the address last.
    let typed = r#"curl -vXPOST -A 'my "agent"' -eHttps://a.example/ -H "X-Empty;" -H Accept: \
        -d user=ann --data-urlencode 'note=a b&c/ü' --data-binary 'q=1' 127.0.0.1:8080/login"#;
    let expected = [
        "POST /login",
        "X-Empty: ",
        "Referer: Https://a.example/",
        r#"User-Agent: my "agent""#,
        "Content-Type: application/x-www-form-urlencoded",
        "user=ann&note=a+b%26c%2F%C3%BC&q=1",
    ];
    assert_eq!(sent(typed), expected);
}

#[test]
fn each_option_does_what_curl_does() {
    let check = |arguments: &str, expected: &[&str]| {
        assert_eq!(sent(&format!("curl {arguments}")), expected, "{arguments}");
    };
    check("http://h", &["GET /"]);
    check("h:80/a", &["GET /a"]);
    check("--url http://h/a#b", &["GET /a"]);
    check("-I http://h/", &["HEAD /"]);
    check("--head -X GET http://h/", &["GET /"]);
    check("-G -d a=1 -d 'b=x y' http://h/s", &["GET /s?a=1&b=x%20y"]);
    check(
        "-G --data-urlencode 'q=a&b' 'http://h/s?p=1'",
        &["GET /s?p=1&q=a%26b"],
    );
    check("--url-query q=1 'http://h/s'", &["GET /s?q=1"]);
    check("-r 0-9 h", &["GET /", "Range: bytes=0-9"]);
    check(
        "-L -k --max-time 5 -o /dev/null -w '%{http_code}' http://h/",
        &["GET /"],
    );
    check(
        "-b a=1 -b 'b=2; c=3' h",
        &["GET /", "Cookie: a=1; b=2; c=3"],
    );
    check("-H 'A: 1' -H 'a:  2 ' h", &["GET /", "A: 1, 2"]);
    check("-b a=1 -H 'Cookie: z=9' h", &["GET /", "Cookie: z=9"]);
    check("-A x -H 'user-agent: y' h", &["GET /", "user-agent: y"]);
    check("-A x -H User-Agent: h", &["GET /"]);
    check("h/a/./../../b/..?c=/../d", &["GET /?c=/../d"]);
    check("--path-as-is h/a/../b", &["GET /a/../b"]);
    check(
        "http://u:p%40q@h/",
        &["GET /", "Authorization: Basic dTpwQHE="],
    );
    check("-H 'Host: other' h", &["GET /", "Host: other"]);
    check("http://u:p@h/", &["GET /", "Authorization: Basic dTpw"]);
    check("--oauth2-bearer t h", &["GET /", "Authorization: Bearer t"]);
    check(
        r#"--json '{"a":' --json '1}' h"#,
        &[
            "POST /",
            "Accept: application/json",
            "Content-Type: application/json",
            r#"{"a":1}"#,
        ],
    );
    check(
        r#"-H 'Content-Type: text/plain' -d '' h"#,
        &["POST /", "Content-Type: text/plain"],
    );
    check("-H Content-Type: --data-raw @x h", &["POST /", "@x"]);
    check("-g 'http://h/[1-2]/{a}'", &["GET /[1-2]/{a}"]);
    check(
        "http://h/a http://h/b --next -d x=1 h/c",
        &[
            "GET /a",
            "GET /b",
            "POST /c",
            "Content-Type: application/x-www-form-urlencoded",
            "x=1",
        ],
    );
    check("--request-target '/*?x' http://h/a", &["GET /*?x"]);
    check("http://h/ü%20b", &["GET /%C3%BC%20b"]);
}

#[test]
fn variables_of_the_shell_become_placeholders() {
    let check = |arguments: &str, expected: &str| {
        let text = curl(&format!("curl {arguments}")).unwrap().text;
        parse("curl.toml", &text).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
        assert!(text.contains(expected), "{text}");
    };
    check("h/$ID?a=${B}c", r#"path = "/{{env.ID}}?a={{env.B}}c""#);
    check("'h/$ID'", r#"path = "/$ID""#);
    check("-H \"Authorization: Bearer $T\" h", "\"Bearer {{env.T}}\"");
    let json = "-H Content-Type:application/json -d";
    check(
        &format!("{json} \"{{\\\"a\\\":\\\"$X\\\"}}\" h"),
        r#"json = { a = "{{env.X}}" }"#,
    );
    check(
        &format!("{json} '{{\"a\":'$X'}}' h"),
        r#"body = '{"a":{{env.X}}}'"#,
    );
    check("-d name=$NAME h", r#"form = { name = "{{env.NAME}}" }"#);
    check(
        "-u $USER:$PASSWORD h",
        r#"Authorization = "Basic {{env.BASIC}}""#,
    );
}

#[test]
fn several_commands_take_turns() {
    let script = "# all of it\n$ curl http://h/a > out.json\n\ncurl http://h/b 2>/dev/null; \
                  curl -s http://h/c | jq '.x | .y' && curl http://h/d";
    assert_eq!(sent(script), ["GET /a", "GET /b", "GET /c", "GET /d"]);
}

#[test]
fn the_file_says_what_it_was_made_from() {
    let script = "curl -kL -H \"Authorization: Bearer $TOKEN\" -u ann:secret \
                  -H 'Connection: close' https://api.example/v1/things\ncurl http://$HOST/x";
    let imported = curl(script).unwrap();
    let warnings: Vec<_> = imported.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(format!("{}\n---\n{}", imported.text, warnings.join("\n")));
}

#[test]
fn what_dyno_cannot_do_is_said_with_its_line_and_a_way_out() {
    let scripts = [
        "",
        "# curl http://h/",
        "wget http://h/",
        "TOKEN=x curl http://h/",
        "curl",
        "curl -H",
        "curl -H nocolon h",
        "curl -X 'A B' h",
        "curl ftp://h/x",
        "curl http://",
        "curl http://h/\ncurl -F a=@b http://h/",
        "curl -T file http://h/",
        "curl -d @body.json http://h/",
        "curl --data-urlencode a@b http://h/",
        "curl --json @b http://h/",
        "curl -H @headers http://h/",
        "curl -b jar.txt http://h/",
        "curl --frobnicate http://h/",
        "curl -Q http://h/",
        "curl -K x http://h/",
        "curl --digest -u a:b http://h/",
        "curl --cert a.pem https://h/",
        "curl http://h/[1-9]",
        "curl 'http://h/{a,b}'",
        "curl http://h/?a=1&b=2",
        "curl 'http://h/",
        "curl -d \"{$X}\" http://h/",
        "curl -d \"$(cat x)\" http://h/",
        "curl -d @- http://h/ <<EOF\nx\nEOF",
        "curl ^\n http://h/",
    ];
    let mut page = String::new();
    for script in scripts {
        let error = curl(script).unwrap_err();
        page.push_str(&format!("{script}\n=> {error}\n   ({})\n\n", error.hint()));
    }
    insta::assert_snapshot!(page);
}

/// Any JSON object, as dyno would send it.
fn object() -> impl proptest::strategy::Strategy<Value = serde_json::Value> {
    use proptest::prelude::*;
    let leaf = prop_oneof![
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (-1e9..1e9).prop_map(serde_json::Value::from),
        "\\PC{0,9}|[\\x00-\\x1f'\"{}]{0,5}|.{60}".prop_map(Into::into),
    ];
    let value = leaf.prop_recursive(4, 30, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let members = prop::collection::vec(("\\PC{0,6}", inner), 0..4);
        prop_oneof![
            list.prop_map(serde_json::Value::from),
            members.prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    });
    let members = prop::collection::vec(("\\PC{0,6}", value), 0..4);
    members.prop_map(|members| serde_json::Value::Object(members.into_iter().collect()))
}

proptest::proptest! {
    #[test]
    fn any_json_arrives_as_it_was(json in object()) {
        let body = json.to_string();
        let quoted = body.replace('\'', "'\\''");
        let line = format!("curl -H Content-Type:application/json -d '{quoted}' h");
        let text = curl(&line).unwrap().text;
        let scenario = parse("curl.toml", &text);
        let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}\n{text}"));
        let request = scenario.plan.requests().next().unwrap();
        let sent = String::from_utf8(request.body.as_fixed().unwrap().to_vec()).unwrap();
        proptest::prop_assert_eq!(sent, body);
    }

    #[test]
    fn whatever_is_typed_is_answered(script in "(curl|-[A-Za-z]|--[a-z]{3,9}|'|\"|\\$'|[ -~]|\\PC|\n| |http://h/){0,40}") {
        if let Ok(imported) = curl(&script) {
            let parsed = parse("curl.toml", &imported.text);
            proptest::prop_assert!(parsed.is_ok(), "{}\n{}", parsed.unwrap_err(), imported.text);
        }
    }

    #[test]
    fn any_body_arrives_as_it_was(body in "\\PC*|[\\n\\r\\t'\"\\\\{}]{0,9}|\\{\"a\":\"[^\"\\\\\n]{0,5}\"\\}", json in proptest::bool::ANY) {
        let body = body.trim_start_matches('@');
        let header = if json { "-H Content-Type:application/json" } else { "" };
        let quoted = body.replace('\'', "'\\''");
        let imported = curl(&format!("curl {header} --data-raw '{quoted}' h")).unwrap();
        let scenario = parse("curl.toml", &imported.text);
        let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}\n{}", imported.text));
        let request = scenario.plan.requests().next().unwrap();
        let sent = String::from_utf8(request.body.as_fixed().unwrap().to_vec()).unwrap();
        proptest::prop_assert_eq!(sent, body);
    }
}
