//! Plans made by hand, as the language would make them.

use dyno_scenario::{
    Capture, Data, End, Escape, Flow, Order, Part, Place, Request, Rows, Source, Template,
};

pub(crate) fn get(path: &str) -> Request {
    Request::new("GET", path)
}

pub(crate) fn flow(name: &str, requests: Vec<Request>) -> Flow {
    Flow {
        name: name.to_owned(),
        weight: 1,
        cookies: false,
        requests,
    }
}

/// `{{source}}`
pub(crate) fn value(source: Source, escape: Escape) -> Template {
    let place = 0..0;
    Template {
        parts: vec![Part::Value {
            source,
            escape,
            place,
        }],
    }
}

/// `{{user.NAME}}`
pub(crate) fn column(name: &str, escape: Escape) -> Template {
    let column = name.to_owned();
    value(Source::Column { data: 0, column }, escape)
}

/// `text{{…}}`
pub(crate) fn text(before: &str, mut template: Template) -> Template {
    template.parts.insert(0, Part::Text(before.into()));
    template
}

pub(crate) fn joined(parts: Vec<Template>) -> Template {
    let parts = parts.into_iter().flat_map(|template| template.parts);
    Template {
        parts: parts.collect(),
    }
}

pub(crate) fn capture(slot: usize, from: Place) -> Capture {
    Capture { slot, from }
}

/// So many users with e-mails and passwords.
pub(crate) fn users(count: usize, order: Order, end: End) -> Data {
    let row = |number| {
        let email = format!("u{number}+\"x@example.com");
        vec![email.clone(), format!("pw-{email}")]
    };
    Data {
        name: "user".to_owned(),
        rows: Rows::Inline(
            vec!["email".to_owned(), "password".to_owned()],
            (0..count).map(row).collect(),
        ),
        order,
        end,
    }
}

/// Whose token the first capture is, and who says to be asking.
pub(crate) fn credentials() -> Vec<(String, Template)> {
    let token = value(Source::Slot(0), Escape::Header);
    let user = column("email", Escape::Header);
    vec![
        ("Authorization".to_owned(), text("Bearer ", token)),
        ("X-User".to_owned(), user),
    ]
}

/// Login, capture, authorised GET.
pub(crate) fn sign_in() -> Flow {
    let mut login = Request::new("POST", "/login");
    login.headers = vec![(
        "Content-Type".to_owned(),
        Template::fixed("application/json"),
    )];
    login.body = joined(vec![
        text("{\"email\":\"", column("email", Escape::JsonString)),
        text("\",\"password\":\"", column("password", Escape::JsonString)),
        Template::fixed("\"}"),
    ]);
    login.captures = vec![capture(0, Place::Json("$.access_token".to_owned()))];
    let mut me = get("/me");
    me.headers = credentials();
    flow("sign in", vec![login, me])
}
