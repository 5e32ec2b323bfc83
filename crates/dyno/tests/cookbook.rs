//! The README's scenario cookbook: each recipe passes `dyno check`, plays without a
//! failure, and does what it says, as the server sees it.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;
#[path = "cookbook/proofs.rs"]
mod proofs;

use std::collections::BTreeSet;
use std::thread;

use common::measured::is_measured;
use common::shop::{Answer, Asked, Shop};
use common::{Place, output, root};
use dyno_result::{Run, Step};

/// Panics unless a recipe did what it says.
type Proof = fn(&Played);

/// Each recipe by its title.
const RECIPES: [(&str, Proof); 12] = [
    ("Sign in, keep the token, ask with it", proofs::signed_in),
    ("Mix: eight readers to one writer", proofs::mixed),
    ("A user for each flow, from a file", proofs::a_user_each),
    ("Sign-ups that never collide", proofs::signed_up),
    ("People think", proofs::thought),
    ("A 404 that is right", proofs::not_found),
    ("Check deeply, but not every answer", proofs::sampled),
    ("Create before, delete after", proofs::around),
    ("A token that is never written down", proofs::secret),
    ("Sizes and workers, every combination", proofs::swept),
    ("Yesterday's traffic again", proofs::replayed),
    (
        "As much as it can take, with as many connections",
        proofs::sought,
    ),
];

/// What the recipes leave out.
const HEAD: &str = "name = \"recipe\"\nidle = \"1ms\"\ncooldown = \"1ms\"\nwarmup = \"0s\"\n";
const STEP: &str = "[[step]]\nname = \"short\"\nrequests = 360\nconnections = 12\n";
const FLOWS: u64 = 360;

/// Fewer than there are flows.
const USERS: u64 = 100;
const TOKEN: &str = "hush-5d3c0ffee";

/// A recipe that was played.
struct Played {
    place: Place,
    code: i32,
    run: Run,
    asked: Vec<Asked>,
    /// All that dyno has printed.
    said: String,
}

impl Played {
    fn step(&self) -> &Step {
        &self.run.trials[0].steps[0]
    }

    /// Of every request, what `text` makes of it; no two are alike.
    fn distinct(&self, text: impl Fn(&Asked) -> String) -> BTreeSet<String> {
        let all: BTreeSet<_> = self.asked.iter().map(text).collect();
        assert_eq!(all.len(), self.asked.len(), "two are alike");
        all
    }
}

#[test]
fn every_recipe_is_checked_played_and_true() {
    let recipes = recipes();
    let known = RECIPES.map(|(title, _)| title);
    let written: Vec<_> = recipes.iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(written, known, "each recipe needs an entry in RECIPES");
    // Each in a thread of its name, which its panics tell.
    let failed = recipes
        .iter()
        .zip(RECIPES)
        .filter(|((title, text), (_, prove))| {
            let named = thread::Builder::new().name(title.clone());
            thread::scope(|scope| {
                let played = named.spawn_scoped(scope, || is_true(text, *prove));
                played.unwrap().join().is_err()
            })
        });
    let failed: Vec<_> = failed.map(|((title, _), _)| title).collect();
    assert_eq!(failed, Vec::<&str>::new());
}

/// Plays a recipe as it is written.
fn is_true(recipe: &str, prove: Proof) {
    let played = play(&complete(recipe), answer);
    assert!(is_measured(played.code, &played.run), "{}", played.said);
    for step in played.run.trials.iter().flat_map(|trial| &trial.steps) {
        let counts = &step.counts;
        assert!(counts.due > 0 && counts.succeeded == counts.due, "{step:?}");
    }
    prove(&played);
}

/// Titles and TOML of the cookbook.
fn recipes() -> Vec<(String, String)> {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, book) = readme.split_once("\n## Scenario cookbook\n").unwrap();
    let (book, _) = book.split_once("\n## ").unwrap();
    let recipes = book.split("\n### ").skip(1).map(|recipe| {
        let (title, rest) = recipe.split_once('\n').unwrap();
        let (_, toml) = rest.split_once("```toml\n").unwrap();
        let (toml, rest) = toml.split_once("```\n").unwrap();
        assert!(!rest.contains("```"), "{title}: one block a recipe");
        (title.to_owned(), toml.to_owned())
    });
    recipes.collect()
}

/// The whole file of a recipe.
fn complete(recipe: &str) -> String {
    let has_own_step = recipe.contains("[[step]]");
    let step = if has_own_step { "" } else { STEP };
    // What is about the target's own process needs one.
    let is_of_targets = recipe.contains("[env]");
    let targets = if is_of_targets { "\"toy-echo\"" } else { "" };
    format!("{HEAD}targets = [{targets}]\n{recipe}\n{step}")
}

/// Checks a scenario and plays it: on its targets, or else in a shop with these answers.
fn play(scenario: &str, answer: fn(&Asked) -> Answer) -> Played {
    let place = Place::new(scenario);
    let rows = (0..USERS).map(|user| format!("u{user}@example.org,secret {user}\n"));
    let users = format!("email,password\n{}", rows.collect::<String>());
    std::fs::write(place.path("users.csv"), users).unwrap();
    std::fs::write(place.path("access.log"), log()).unwrap();
    let (code, _, talk) = output(
        place
            .dyno(&["check", "scenario.toml"])
            .env("API_TOKEN", TOKEN),
    );
    assert_eq!((code, talk.as_str()), (0, ""));
    let shop = Shop::open(answer);
    let mut run = place.run(&[]);
    if scenario.contains("targets = []") {
        run.args(["--url", &shop.url()]);
    }
    if scenario.contains("replay") {
        // Over several, a late one may be overtaken.
        run.args(["--set", "step[0].connections=1"]);
    }
    if scenario.contains("search") {
        // A recipe is for patient people.
        run.args(["--set", "step[0].search.duration=200ms"]);
        run.args(["--set", "step[0].search.to=4"]);
    }
    let (code, table, talk) = output(run.env("API_TOKEN", TOKEN));
    let said = format!("{table}\n{talk}");
    assert!(matches!(code, 0 | 5), "{code} {said}");
    Played {
        code,
        run: place.result(),
        asked: shop.asked(),
        said,
        place,
    }
}

/// Twelve requests in less than a second.
fn log() -> String {
    let line = |n: u32| {
        let ms = n * 80;
        format!("::1 - - [2026-11-21T09:00:00.{ms:03}Z] \"GET /old/{n}?n={n} HTTP/1.1\" 200 9\n")
    };
    (0..12).map(line).collect()
}

/// A shop as the recipes expect it.
fn answer(asked: &Asked) -> Answer {
    let items: Vec<_> = (0..20).map(|id| format!("{{\"id\":{id}}}")).collect();
    match (asked.method.as_str(), asked.path()) {
        ("POST", "/auth/login") => {
            let (email, password) = (asked.field("email"), asked.field("password"));
            let known = email
                .strip_prefix('u')
                .and_then(|user| user.split('@').next());
            let is_right = match known {
                Some(user) => password == format!("secret {user}"),
                None => password == "secret",
            };
            let token = format!("{{\"access_token\":\"t{}\"}}", asked.number);
            Answer::json(if is_right { 200 } else { 401 }, token)
        }
        ("GET", "/users/me") => Answer::json(200, "{\"email\":\"ada@example.org\"}"),
        ("GET", "/items") => Answer::json(200, format!("{{\"items\":[{}]}}", items.join(","))),
        ("POST", "/items" | "/auth/register") => Answer::json(201, "{\"id\":4711}"),
        ("DELETE", "/items/4711") => Answer::new(204, "", ""),
        ("GET", "/items/999999") => Answer::json(404, "{}"),
        ("GET", path) if path.starts_with("/items/") || path.starts_with("/old/") => {
            Answer::json(200, "{}")
        }
        _ => Answer::json(400, "{}"),
    }
}
