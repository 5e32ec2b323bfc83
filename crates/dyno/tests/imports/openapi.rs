//! The description of the contract auth/1.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use dyno_result::FailureKind;

use crate::common::shop::{Answer, Asked, Shop};
use crate::common::{Place, root};
use crate::{SHORT, import, play};

#[test]
fn a_skeleton_of_a_description_asks_for_every_operation() {
    let place = Place::new("");
    let contract = root().join("targets/contracts/auth-1.openapi.yaml");
    import(&place, &["openapi", contract.to_str().unwrap()]);
    let is_registered = AtomicBool::new(false);
    let shop = Shop::open(move |asked| {
        let may = asked.header("Authorization") == Some("Bearer t0k3n");
        match asked.line().as_str() {
            "GET /healthz" | "GET /readyz" => Answer::json(200, "{\"status\":\"ok\"}"),
            // Of two who want the same e-mail, the second is refused.
            "POST /auth/register" => match is_registered.swap(true, Ordering::SeqCst) {
                true => Answer::json(409, "{}"),
                false => Answer::json(201, "{}"),
            },
            "POST /auth/login" if asked.field("password") == "Passw0rd-000001" => {
                Answer::json(200, "{}")
            }
            _ if !may => Answer::json(401, "{}"),
            "GET /users/me" | "GET /users/1" | "GET /users" => Answer::json(200, "{}"),
            "PATCH /users/me" if asked.field("name") == "Ann B." => Answer::json(200, "{}"),
            "DELETE /users/me" => Answer::new(204, "", ""),
            "POST /webhooks" if asked.field("event") == "order.paid" => Answer::json(202, "{}"),
            _ => Answer::json(422, "{}"),
        }
    });
    let (step, asked) = play(&place, &shop, &SHORT);
    let operations: BTreeSet<_> = asked.iter().map(Asked::line).collect();
    assert_eq!(
        (operations.len(), step.requests.len()),
        (10, 10),
        "{operations:?}"
    );
    // The skeleton registers the same e-mail again and again, as its comment says.
    for request in &step.requests {
        let again = match request.flow.as_str() {
            "register" => request.counts.due - 1,
            _ => 0,
        };
        assert_eq!(request.counts.failed, again, "{request:?}");
        assert!(
            request
                .failures
                .iter()
                .all(|failure| failure.kind == FailureKind::Status4xx)
        );
    }
}
