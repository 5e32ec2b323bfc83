//! From a request to its answer: the checks of clause 4.1 in their order, or in
//! that of a fault, and then the work.

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::answer::{
    Answer, BAD_JSON, METHOD_NOT_ALLOWED, NOT_FOUND, NOT_READY, RATE_LIMITED, TOO_LARGE,
    UNSUPPORTED,
};
use crate::double::Double;
use crate::fault::Fault::{self, *};
use crate::wire::Request;
use crate::{accounts, fields, profiles, token};

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Healthz,
    Readyz,
    Register,
    Login,
    Me,
    /// Not found when the id is none.
    User(Option<i64>),
    Users,
    Webhooks,
}

/// A request on its way through the checks.
pub(crate) struct Visit<'a> {
    pub(crate) double: &'a Double,
    pub(crate) request: &'a Request,
    path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) route: Option<Route>,
    /// The body, where it is JSON.
    pub(crate) json: Option<Value>,
    pub(crate) caller: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Limit,
    Route,
    Method,
    Token,
    Type,
    Size,
    Json,
    Fields,
}

fn order(fault: Fault) -> Vec<Gate> {
    use Gate::*;
    let order = [Limit, Route, Method, Token, Type, Size, Json, Fields];
    let (moved, before) = match fault {
        RouteBeforeLimit => (Route, Limit),
        TokenBeforeRoute => (Token, Route),
        TokenBeforeMethod => (Token, Method),
        TypeBeforeToken => (Type, Token),
        SizeBeforeToken => (Size, Token),
        JsonBeforeToken => (Json, Token),
        FieldsBeforeToken => (Fields, Token),
        SizeBeforeType => (Size, Type),
        JsonBeforeType => (Json, Type),
        JsonBeforeSize => (Json, Size),
        _ => return order.to_vec(),
    };
    let mut order: Vec<_> = order.into_iter().filter(|gate| *gate != moved).collect();
    let place = order.iter().position(|gate| *gate == before).unwrap();
    order.insert(place, moved);
    order
}

pub(crate) async fn answer(double: &Double, request: &Request) -> Answer {
    let start = Instant::now();
    let _in_flight = double.rows.enter();
    if double.has(HashesOnLoop) {
        drop(double.event_loop.lock().await);
    }
    let (path, query) = match request.target.split_once('?') {
        Some((path, query)) => (path, query),
        None => (&*request.target, ""),
    };
    let mut visit = Visit {
        double,
        request,
        path,
        query,
        route: route(double, path),
        json: fields::parsed(double, &request.body),
        caller: 0,
    };
    let refused = order(double.fault)
        .into_iter()
        .find_map(|gate| visit.pass(gate).err());
    let answer = match refused {
        Some(answer) => answer,
        None => visit.work().await,
    };
    timed(double, visit.route, start, answer)
}

fn route(double: &Double, path: &str) -> Option<Route> {
    Some(match path {
        "/healthz" => Route::Healthz,
        "/readyz" => Route::Readyz,
        "/auth/register" => Route::Register,
        "/auth/login" => Route::Login,
        "/users/me" => Route::Me,
        "/users" => Route::Users,
        "/webhooks" => Route::Webhooks,
        _ => {
            let id = path.strip_prefix("/users/")?;
            if id.is_empty() || id.contains('/') {
                return None;
            }
            Route::User(fields::id(double, id))
        }
    })
}

impl Route {
    fn methods(self) -> &'static str {
        match self {
            Self::Healthz | Self::Readyz | Self::User(_) | Self::Users => "GET",
            Self::Register | Self::Login | Self::Webhooks => "POST",
            Self::Me => "GET, PATCH, DELETE",
        }
    }

    fn is_open(self) -> bool {
        matches!(
            self,
            Self::Healthz | Self::Readyz | Self::Register | Self::Login
        )
    }
}

impl Visit<'_> {
    fn has_body(&self) -> bool {
        matches!(&*self.request.method, "POST" | "PATCH")
    }

    fn pass(&mut self, gate: Gate) -> Result<(), Answer> {
        let double = self.double;
        let error = |kind| Err(Answer::error(double, kind));
        match gate {
            Gate::Limit => self.limit(),
            Gate::Route if self.route.is_some() => Ok(()),
            Gate::Route => Err(self.not_found()),
            Gate::Method => {
                let allowed = self.route.map(Route::methods).unwrap_or_default();
                if allowed
                    .split(", ")
                    .any(|method| method == self.request.method)
                {
                    return Ok(());
                }
                match double.fault {
                    Method404 => error(NOT_FOUND),
                    NoAllow => error(METHOD_NOT_ALLOWED),
                    _ => Err(Answer::error(double, METHOD_NOT_ALLOWED).with("Allow", allowed)),
                }
            }
            Gate::Token => {
                let is_open = self.route.is_some_and(Route::is_open)
                    || (double.has(WebhooksOpen) && self.route == Some(Route::Webhooks));
                if !is_open {
                    let is_me = self.route == Some(Route::Me) && self.request.method == "GET";
                    self.caller = token::taken(double, self.request, is_me)?;
                }
                Ok(())
            }
            Gate::Type if self.has_body() && !fields::is_json(double, self.request) => {
                error(UNSUPPORTED)
            }
            Gate::Size if self.has_body() && fields::is_too_large(double, self.request) => {
                error(TOO_LARGE)
            }
            Gate::Json if self.has_body() && self.json.is_none() => match double.fault {
                BadJson422 => Err(Answer::invalid(double, &[("body", "invalid")])),
                _ => error(BAD_JSON),
            },
            Gate::Fields => fields::check(self),
            Gate::Type | Gate::Size | Gate::Json => Ok(()),
        }
    }

    fn limit(&self) -> Result<(), Answer> {
        let double = self.double;
        let is_exempt = matches!(self.path, "/healthz" | "/readyz") && !double.has(HealthLimited);
        if is_exempt || double.limiter.admits(self.request) {
            return Ok(());
        }
        let answer = Answer::error(double, RATE_LIMITED);
        Err(match double.fault {
            NoRetryAfter => answer,
            LimitedByFramework => {
                let body = json!({ "detail": "Rate limit exceeded" });
                Answer::json(double, 429, &body).with("Retry-After", "1")
            }
            _ => answer.with("Retry-After", "1"),
        })
    }

    fn not_found(&self) -> Answer {
        let double = self.double;
        let bare = self.path.trim_end_matches('/');
        match double.fault {
            RedirectsSlashes if bare != self.path && route(double, bare).is_some() => {
                Answer::empty(307).with("Location", bare)
            }
            NotFoundOfFramework => Answer::json(double, 404, &json!({ "detail": "Not Found" })),
            _ => Answer::error(double, NOT_FOUND),
        }
    }

    async fn work(&self) -> Answer {
        let double = self.double;
        match (self.route, &*self.request.method) {
            (Some(Route::Healthz), _) => match double.fault {
                HealthSaysUp => Answer::json(double, 200, &json!({ "status": "up" })),
                HealthAsksDatabase if double.rows.ping().is_err() => {
                    Answer::error(double, NOT_READY)
                }
                _ => Answer::json(double, 200, &json!({ "status": "ok" })),
            },
            (Some(Route::Readyz), _) => {
                let is_ready = match double.fault {
                    ReadyWithoutAsking => true,
                    ReadyAlways => double.rows.ping().is_ok() || true,
                    _ => double.rows.ping().is_ok(),
                };
                let word = if double.has(ReadySaysOk) {
                    "ok"
                } else {
                    "ready"
                };
                match is_ready {
                    true => Answer::json(double, 200, &json!({ "status": word })),
                    false => Answer::error(double, NOT_READY),
                }
            }
            (Some(Route::Register), _) => accounts::register(self).await,
            (Some(Route::Login), _) => accounts::login(self).await,
            (Some(Route::Me), "PATCH") => profiles::rename(self),
            (Some(Route::Me), "DELETE") => profiles::leave(self),
            (Some(Route::Me), _) => profiles::me(self).await,
            (Some(Route::User(id)), _) => profiles::user(self, id),
            (Some(Route::Users), _) => profiles::users(self),
            (Some(Route::Webhooks), _) => accounts::webhook(self).await,
            (None, _) => self.not_found(),
        }
    }
}

fn timed(double: &Double, route: Option<Route>, start: Instant, answer: Answer) -> Answer {
    let is_timed = double.settings.is_timed || double.has(TimingAlways);
    let is_left_out = double.has(NoTimingOnErrors) && answer.status >= 400;
    if !is_timed || is_left_out {
        return answer;
    }
    let mut field = String::new();
    let mut sum = 0.0;
    let mut part = |name: &str, ms: f64| {
        field += &format!("{name};dur={ms:.3}, ");
        sum += ms;
    };
    match route {
        None | Some(Route::Healthz) => {}
        Some(Route::Register | Route::Login) => {
            part("pool", 0.001);
            part("db", 0.1);
            if !double.has(TimingWithoutHash) {
                part("hash", 4.0);
            }
        }
        Some(_) => part("db", 0.1),
    }
    let app = start.elapsed().as_secs_f64() * 1e3;
    field += &format!("app;dur={:.3}", app.max(sum + 0.001));
    answer.with("Server-Timing", field)
}
