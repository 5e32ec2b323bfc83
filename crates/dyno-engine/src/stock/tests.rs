//! What is read before the load, and what comes once only.

use std::path::Path;

use dyno_scenario::{
    Escape, Order, Part, Plan, Request, Rows, Secret, SecretPlace, Source, Template,
};

use super::*;

fn template(source: Source) -> Template {
    let part = Part::Value {
        source,
        escape: Escape::None,
        place: 3..9,
    };
    Template { parts: vec![part] }
}

fn plan(source: Source) -> Plan {
    let request = Request {
        body: template(source),
        ..Request::new("POST", "/")
    };
    Plan {
        data: vec![Data {
            name: "user".to_owned(),
            rows: Rows::Csv("users.csv".to_owned()),
            order: Order::Sequential,
            end: End::Repeat,
        }],
        secrets: vec![Secret {
            name: "token".to_owned(),
            from: SecretPlace::File("token.txt".to_owned()),
        }],
        slots: vec!["id".to_owned()],
        ..Plan::of(vec![request])
    }
}

fn read(plan: &Plan, folder: &Path) -> Result<Stock, StockError> {
    let variant = Variant {
        vars: [("size".to_owned(), "39".to_owned())].into(),
        env: [("WORKERS".to_owned(), "2".to_owned())].into(),
        ..Variant::default()
    };
    Stock::read(plan, &variant, folder, Stock::default().wall)
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("users.csv"), "email\na@x\n").unwrap();
    std::fs::write(folder.path().join("token.txt"), "s3cret\r\n").unwrap();
    folder
}

#[test]
fn what_stays_the_same_is_known_before_the_load() {
    let folder = folder();
    for (source, expected) in [
        (Source::Var("size".to_owned()), Some("39")),
        (Source::Env("WORKERS".to_owned()), Some("2")),
        (Source::Secret(0), Some("s3cret")),
        (Source::Slot(0), None),
        (Source::Seq, None),
    ] {
        let stock = read(&plan(source.clone()), folder.path()).unwrap();
        let known = stock.known(&source, &(0..0)).unwrap();
        assert_eq!(known, expected.map(str::as_bytes), "{source:?}");
    }
    let path = std::env::var("PATH").unwrap();
    let source = Source::Env("PATH".to_owned());
    let stock = read(&plan(source.clone()), folder.path()).unwrap();
    assert_eq!(
        stock.known(&source, &(0..0)).unwrap(),
        Some(path.as_bytes())
    );
    // What a setup has captured is known from then on, for one trial.
    let mut stock = read(&plan(Source::Seq), folder.path()).unwrap();
    stock.keep(0, b"7".to_vec());
    assert_eq!(
        stock.known(&Source::Slot(0), &(0..0)).unwrap(),
        Some(&b"7"[..])
    );
    let fresh = stock.fresh(&Variant::default());
    assert_eq!(fresh.known(&Source::Slot(0), &(0..0)).unwrap(), None);
    assert_eq!(
        fresh.known(&Source::Secret(0), &(0..0)).unwrap(),
        Some(&b"s3cret"[..])
    );
}

#[test]
fn what_is_missing_is_an_error_before_the_load() {
    let folder = folder();
    let check = |source: Source, expected: &str| {
        let error = read(&plan(source), folder.path()).unwrap_err();
        let mut text = error.to_string();
        if let Some(why) = std::error::Error::source(&error) {
            text += &format!(": {why}");
        }
        let text = text.replace(&format!("{}/", folder.path().display()), "");
        assert_eq!(text, expected);
    };
    check(
        Source::Env("DYNO_HAS_NO_SUCH".to_owned()),
        "the environment has no variable DYNO_HAS_NO_SUCH: set it, or give it under [env]",
    );
    check(
        Source::Column {
            data: 0,
            column: "mail".to_owned(),
        },
        "could not use the data \"user\": users.csv has no column \"mail\": did you mean \"email\"?",
    );
    std::fs::remove_file(folder.path().join("users.csv")).unwrap();
    check(
        Source::Seq,
        "could not use the data \"user\": could not read users.csv",
    );
    std::fs::remove_file(folder.path().join("token.txt")).unwrap();
    check(
        Source::Seq,
        "could not read the secret \"token\" from token.txt: No such file or directory (os error 2)",
    );
    let mut other = plan(Source::Seq);
    other.secrets[0].from = SecretPlace::Env("DYNO_HAS_NO_SUCH".to_owned());
    let error = read(&other, folder.path()).unwrap_err().to_string();
    let expected = "the environment has no variable DYNO_HAS_NO_SUCH for the secret \"token\": \
                    set it";
    assert_eq!(error, expected);
}

#[test]
fn numbers_and_rows_come_once_in_a_trial() {
    let mut plan = plan(Source::Seq);
    let repeating = plan.data[0].clone();
    plan.data.push(Data {
        end: End::Stop,
        ..repeating
    });
    let stock = read(&plan, folder().path()).unwrap();
    let begin = stock.begin();
    assert_eq!(
        (begin.phase, begin.numbers, begin.rows.as_slice()),
        (0, 0, &[0, 0][..])
    );
    stock.end(&begin, 2, 50, &[40, 30]);
    let begin = stock.begin();
    assert_eq!((begin.phase, begin.numbers), (1, NUMBERS));
    assert_eq!(begin.rows, [0, 60]);
    stock.end(&begin, 3, NUMBERS, &[0, 1]);
    let begin = stock.begin();
    assert_eq!((begin.numbers, begin.rows), (4 * NUMBERS, vec![0, 63]));
    assert_eq!(stock.fresh(&Variant::default()).begin().numbers, 0);
}
