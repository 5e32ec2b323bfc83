//! A database to measure with, as the library gives it to a run: the real server in
//! the profile `memory`.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod server;

use dyno_postgres::{Cluster, Database, Error, Source, seed_email, seed_password};
use server::{Server, query, settings};

#[tokio::test]
async fn copies_of_a_template_are_alike_and_none_touches_the_other() {
    let server = Server::start().await;
    let cluster = &server.cluster;
    let first = cluster
        .clone_template(&server.template, "first")
        .await
        .unwrap();
    let second = cluster
        .clone_template(&server.template, "second")
        .await
        .unwrap();
    let content = "SELECT count(*), md5(string_agg(users::text, ',' ORDER BY id)) FROM users";
    let seen = query(&first, content).await;
    assert_eq!(seen, query(&second, content).await);
    assert!(seen[0].starts_with("100 "), "{seen:?}");
    let user = "SELECT id, email, name, length(password_hash) FROM users WHERE id IN (1, 65)";
    assert_eq!(
        query(&first, user).await,
        [
            "1 user000001@seed.dyno.test User 000001 60",
            "65 user000065@seed.dyno.test User 000065 60"
        ]
    );
    let shared = "SELECT count(DISTINCT password_hash) FROM users WHERE id IN (1, 65, 66)";
    assert_eq!(
        query(&first, shared).await,
        ["2"],
        "64 passwords take turns"
    );
    let hash = "SELECT password_hash FROM users WHERE email = 'user000066@seed.dyno.test'";
    assert!(query(&first, hash).await[0].starts_with("$2b$04$"));
    assert_eq!(
        (seed_email(66), seed_password(66)),
        (
            "user000066@seed.dyno.test".to_owned(),
            "Passw0rd-0002".to_owned(),
        )
    );
    query(&first, "DELETE FROM users").await;
    assert_eq!(query(&second, content).await, seen);
    let taken = cluster
        .clone_template(&server.template, "first")
        .await
        .unwrap_err();
    assert!(format!("{:#}", anyhow::Error::from(taken)).contains("already exists"));
    cluster.drop_database(first.clone()).await.unwrap();
    let again = cluster
        .clone_template(&server.template, "first")
        .await
        .unwrap();
    assert_eq!(query(&again, content).await, seen);
    server.stop().await;
}

#[tokio::test]
async fn the_next_user_has_the_next_number() {
    let server = Server::start().await;
    let database = server.database().await;
    let insert =
        "INSERT INTO users (email, name, password_hash) VALUES ('e', 'n', 'h') RETURNING id";
    assert_eq!(query(&database, insert).await, ["101"]);
    server.stop().await;
}

#[tokio::test]
async fn statements_are_counted_by_database() {
    let server = Server::start().await;
    let cluster = &server.cluster;
    let counted = server.database().await;
    let other = cluster
        .clone_template(&server.template, "other")
        .await
        .unwrap();
    query(&counted, "SELECT name FROM users WHERE id = 1").await;
    cluster.vacuum(&counted).await.unwrap();
    cluster.reset_statements(&counted).await.unwrap();
    assert_eq!(cluster.statements(&counted).await.unwrap(), []);
    for id in 1..=5 {
        query(&counted, &format!("SELECT name FROM users WHERE id < {id}")).await;
        query(&other, "SELECT 7").await;
    }
    let seen = cluster.statements(&counted).await.unwrap();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0].text, "SELECT name FROM users WHERE id < $1");
    assert_eq!((seen[0].calls, seen[0].rows), (5, 10));
    assert!(seen[0].exec_time_ns > 0);
    server.stop().await;
}

#[tokio::test]
async fn what_was_done_is_seen() {
    let server = Server::start().await;
    let cluster = &server.cluster;
    let database = server.database().await;
    let before = cluster.activity(&database).await.unwrap();
    let insert = "INSERT INTO users (email, name, password_hash)
        SELECT 'x' || n, 'n', 'h' FROM generate_series(1, 1000) AS n";
    query(&database, insert).await;
    query(
        &database,
        "SELECT pg_stat_force_next_flush(), pg_sleep(0.01)",
    )
    .await;
    cluster.checkpoint().await.unwrap();
    // The connections hand in their figures when they end, which is after their
    // sockets are closed.
    let used = loop {
        let used = cluster.activity(&database).await.unwrap().since(&before);
        if used.commits >= 2 && used.backends == 0 {
            break used;
        }
        tokio::task::yield_now().await;
    };
    assert!(used.wal_bytes > 100_000, "{used:?}");
    assert!(used.active_time_ns > 10_000_000, "{used:?}");
    assert!(used.wal_sync_time_ns.is_some(), "{used:?}");
    let mark = cluster.mark().unwrap().unwrap();
    assert!(mark.processes >= 5 && mark.cpu_user_ns > 0, "{mark:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_result_can_say_which_server_it_was() {
    let server = Server::start().await;
    let described = server.cluster.describe().await.unwrap();
    assert_eq!(described.profile.as_deref(), Some("memory"));
    assert!(
        described.version.starts_with(|c: char| c.is_ascii_digit()),
        "{described:?}"
    );
    for (name, value) in [
        ("fsync", "off"),
        ("synchronous_commit", "off"),
        ("shared_buffers", "256MB"),
        ("max_connections", "27"),
        ("jit", "off"),
        ("compute_query_id", "on"),
        ("checkpoint_timeout", "30min"),
    ] {
        assert_eq!(
            described.settings.get(name).map(String::as_str),
            Some(value),
            "{name}"
        );
    }
    assert_eq!(described.disk_sync_p50_ns, None);
    assert!(described.in_memory.is_some());
    let allowed = format!("/proc/{}/status", server.cluster.process().unwrap().pid);
    let allowed = std::fs::read_to_string(allowed).unwrap();
    let cpus = format!("Cpus_allowed_list:\t{}\n", described.cpus[0]);
    assert!(allowed.contains(&cpus), "{allowed}");
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_was_killed_is_named_whatever_was_asked() {
    let server = Server::start().await;
    let database = server.database().await;
    let folder = server.cluster.folder().unwrap().to_owned();
    let pid = nix::unistd::Pid::from_raw(server.cluster.process().unwrap().pid);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
    let error = server.cluster.statements(&database).await.unwrap_err();
    assert_eq!(error.to_string(), "PostgreSQL ended with signal 9");
    assert!(matches!(error, Error::Ended { .. }) && error.is_no_server());
    assert!(
        server
            .cluster
            .clone_template(&server.template, "x")
            .await
            .is_err()
    );
    drop(server);
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_server_of_somebody_else_is_used_and_left_alone() {
    let server = Server::start().await;
    let url = format!(
        "postgres://dyno@127.0.0.1:{}/postgres",
        server.cluster.port().unwrap()
    );
    let other = Cluster::start(settings(Source::External(url)))
        .await
        .unwrap();
    assert!(other.process().is_none() && other.mark().is_none() && other.folder().is_none());
    let template = other
        .prepare_template(dyno_postgres::AUTH_SCHEMA, 100, 4)
        .await
        .unwrap();
    assert_eq!(template, server.template, "made once");
    let small = other
        .prepare_template(dyno_postgres::AUTH_SCHEMA, 7, 4)
        .await
        .unwrap();
    let database = other.clone_template(&small, "elsewhere").await.unwrap();
    assert_eq!(query(&database, "SELECT count(*) FROM users").await, ["7"]);
    assert_eq!(other.describe().await.unwrap().profile, None);
    other.reset_statements(&database).await.unwrap();
    other.activity(&database).await.unwrap();
    other.drop_database(database).await.unwrap();
    assert_eq!(other.stop().await.unwrap(), None);
    let alive: Database = server.database().await;
    assert_eq!(query(&alive, "SELECT 1").await, ["1"]);
    server.stop().await;
}

#[tokio::test]
async fn bad_schemas_and_addresses_say_what_is_wrong() {
    let server = Server::start().await;
    let failed = server
        .cluster
        .prepare_template("CREATE TABEL x ()", 1, 4)
        .await;
    let error = format!("{:#}", anyhow::Error::from(failed.unwrap_err()));
    assert!(error.starts_with("could not run the schema: "), "{error}");
    assert!(error.contains("TABEL"), "{error}");
    let name = server
        .cluster
        .clone_template(&server.template, "A B")
        .await
        .unwrap_err();
    assert!(name.is_input());
    server.stop().await;
    let nowhere = Source::External("postgres://u@127.0.0.1:9/x".to_owned());
    let error = Cluster::start(settings(nowhere)).await.unwrap_err();
    assert_eq!(error.to_string(), "could not connect to the database");
}
