//! OpenAPI descriptions: that of the contract auth/1, and odd ones.

use crate::common::parsed;
use dyno_import::{Error, openapi};

const AUTH: &str = include_str!("../../../../targets/contracts/auth-1.openapi.yaml");

#[test]
fn the_contract_auth_1_imports_whole() {
    let imported = openapi("targets/contracts/auth-1.openapi.yaml", AUTH).unwrap();
    insta::assert_snapshot!(imported.text);
    assert_eq!(imported.warnings, []);
    let scenario = parsed(&imported);
    assert_eq!(scenario.name, "auth-1");
    let requests: Vec<_> = scenario.plan.requests().map(|r| r.name.as_str()).collect();
    let expected = [
        "GET /healthz",
        "GET /readyz",
        "POST /auth/register",
        "POST /auth/login",
        "GET /users/me",
        "PATCH /users/me",
        "DELETE /users/me",
        "GET /users/{{vars.id}}",
        "GET /users",
        "POST /webhooks",
    ];
    assert_eq!(requests, expected);
    let open: Vec<_> = scenario
        .plan
        .flows
        .iter()
        .filter(|flow| {
            flow.requests[0]
                .headers
                .iter()
                .all(|(name, _)| name != "Authorization")
        })
        .map(|flow| flow.name.as_str())
        .collect();
    assert_eq!(open, ["health", "ready", "register", "login"]);
}

#[test]
fn everything_that_an_operation_can_ask_for() {
    let text = r##"
openapi: 3.0.3
info: { title: "Shop\nand more", version: 1.2 }
servers:
  - url: https://{region}.shop.example/v{v}/
    variables: { region: { default: eu, enum: [eu, us] }, v: { default: 2 } }
  - url: http://localhost
security: [ { token: [] } ]
paths:
  /items/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: integer, minimum: 7 } }
      - { $ref: '#/components/parameters/Trace' }
    get:
      summary: One item.
      deprecated: true
      parameters:
        - { name: lang, in: query, required: true, schema: { type: array, items: { enum: ["d e", en] } } }
        - { name: page, in: query, schema: { type: integer } }
        - { name: theme, in: cookie, required: true, example: dark }
        - { name: Accept, in: header, required: true, schema: { type: string } }
      responses: { 200: { description: ok }, 206: { description: part }, 404: { description: no } }
    put:
      operationId: One item
      requestBody: { $ref: '#/components/requestBodies/Item' }
      security: [ { name: [], key: [] }, { token: [] } ]
      responses: { 2XX: { description: ok } }
  /other/{id}:
    parameters: [ { name: id, in: path, required: true, example: "a/b {{c}}" } ]
    delete: { security: [ {}, { token: [] } ], responses: { default: { description: any } } }
    x-internal: true
  /items/{id}/twin/{id}/{unknown}: { get: { operationId: One item, security: [ { cookie: [] , part: [] } ] } }
  /form:
    post:
      security: [ { sso: [] } ]
      requestBody:
        content:
          multipart/form-data: { schema: { type: object } }
          application/x-www-form-urlencoded:
            schema: { properties: { a: { type: string, example: "x y" }, n: { type: integer } } }
  /upload:
    post: { security: [ { tls: [] } ], requestBody: { content: { image/png: {} } } }
  /text:
    post: { requestBody: { content: { text/plain: { example: "a\nb" } } } }
  /list:
    post: { requestBody: { content: { application/json: { schema: { type: array, items: { type: string, pattern: "^x$" } } } } } }
  /null:
    post: { requestBody: { content: { application/vnd.a+json: { examples: { one: { value: { a: null, "{{b": 1 } } } } } } }
components:
  parameters:
    Trace: { name: X-Trace, in: header, required: true, schema: { type: string, format: uuid } }
  requestBodies:
    Item: { content: { application/json: { schema: { $ref: '#/components/schemas/Item~1New' } } } }
  schemas:
    Item/New:
      allOf:
        - { properties: { name: { type: string, minLength: 5 }, id: { type: integer, readOnly: true } } }
        - { properties: { price: { type: number, minimum: 0, exclusiveMinimum: true, nullable: true }, mail: { type: string, format: email } } }
  securitySchemes:
    token: { type: oauth2, flows: {} }
    name: { type: http, scheme: Basic }
    key: { type: apiKey, in: header, name: X-Key }
    cookie: { type: apiKey, in: cookie, name: sid }
    part: { type: apiKey, in: query, name: k }
    sso: { type: openIdConnect, openIdConnectUrl: x }
    tls: { type: mutualTLS }
"##;
    let imported = openapi("api/shop.v2.yaml", text).unwrap();
    parsed(&imported);
    let warnings: Vec<_> = imported.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(format!("{}\n---\n{}", imported.text, warnings.join("\n")));
}

#[test]
fn json_is_read_as_well() {
    let text = r#"{"openapi":"3.1.0","paths":{"/a":{"get":{"responses":{"200":{}}}}}}"#;
    let imported = openapi("a.json", text).unwrap();
    assert_eq!(parsed(&imported).plan.flows[0].name, "GET /a");
}

#[test]
fn malformed_descriptions_say_where_and_what_to_do() {
    let get = "openapi: 3.1.0\npaths: { /a: { get: ";
    let texts = [
        String::new(),
        "openapi: [".to_owned(),
        "openapi: 3.1.0\npaths:\n  /a: b\n c: d\n".to_owned(),
        "{\"openapi\":\n\"3.1.0\",}".to_owned(),
        "hello".to_owned(),
        "swagger: '2.0'".to_owned(),
        "openapi: 4.0.0".to_owned(),
        "openapi: 2.0".to_owned(),
        "openapi: 3.1.0".to_owned(),
        "openapi: 3.1.0\npaths: { /a: { parameters: [] } }".to_owned(),
        "openapi: 3.1.0\npaths: { /a: { $ref: 'other.yaml#/a' } }".to_owned(),
        "openapi: 3.1.0\npaths: { /a: { $ref: '#/b' } }".to_owned(),
        "openapi: 3.1.0\npaths: { /a: { $ref: '#/b' } }\nb: { $ref: '#/b' }".to_owned(),
        format!("{get}{{ parameters: [ {{ in: query }} ] }} }} }}"),
        format!("{get}{{ security: [ {{ none: [] }} ] }} }} }}"),
        "openapi: 3.1.0\npaths: { '/a{{b}}': { get: {} } }".to_owned(),
    ];
    let mut page = String::new();
    for text in texts {
        let error = openapi("x.yaml", &text).unwrap_err();
        page.push_str(&format!("{text}\n=> {error}\n   ({})\n\n", error.hint()));
    }
    insta::assert_snapshot!(page);
    // Aliases that stand for more and more.
    let mut bomb = "openapi: 3.1.0\na0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for n in 1..20 {
        let all = format!("*a{},", n - 1).repeat(9);
        bomb.push_str(&format!("a{n}: &a{n} [{all}]\n"));
    }
    assert!(matches!(openapi("x", &bomb), Err(Error::Malformed { .. })));
    // Deeper than any description.
    let deep = format!("{get}{}", "{ a: ".repeat(10_000));
    assert!(matches!(openapi("x", &deep), Err(Error::Malformed { .. })));
}

proptest::proptest! {
    #[test]
    fn whatever_it_describes_parses_or_is_refused(
        path in "/([a-z{}?#%. ]|\\PC){0,12}",
        name in "\\PC{0,8}",
        pattern in "(string|integer|number|boolean|array|object|null)",
        example in "\\PC{0,12}",
    ) {
        let quote = |text: &str| serde_json::to_string(text).unwrap();
        let text = format!(
            "{{\"openapi\":\"3.1.0\",\"paths\":{{{}:{{\"post\":{{\"operationId\":{},\"parameters\":[\
             {{\"name\":{},\"in\":\"header\",\"required\":true,\"example\":{}}},\
             {{\"name\":{},\"in\":\"query\",\"required\":true,\"example\":{}}}],\
             \"requestBody\":{{\"content\":{{\"application/json\":{{\"schema\":{{\"properties\":\
             {{{}:{{\"type\":\"{pattern}\"}},\"x\":{{\"example\":{}}}}}}}}}}}}}}}}}}}}}",
            quote(&path), quote(&name), quote(&name), quote(&example), quote(&name), quote(&example),
            quote(&name), quote(&example),
        );
        if let Ok(imported) = openapi("x.json", &text) {
            parsed(&imported);
        }
    }
}
