//! Ways out of what can go wrong with PostgreSQL.

use std::io;

/// Two ways to PostgreSQL: the distribution's, and one without root.
pub(crate) const GET_ONE: &str = "run `dyno db install` (needs no root), install your distribution's postgresql, \
     or say where its programs are with DYNO_PG_BIN";

/// What can be done about a file that could not be used.
pub(crate) fn of_file(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(
            "make room there, or choose another place: TMPDIR for data, XDG_CACHE_HOME for the rest",
        ),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(
            "choose a place that you may write to: TMPDIR for data, XDG_CACHE_HOME for the rest",
        ),
        _ => None,
    }
}

/// What the server's own words mean for somebody who does not know it.
pub(crate) fn of_log(log: &str) -> Option<&'static str> {
    let known = [
        (
            "No space left on device",
            "make room in the folder for temporary files, or choose another with TMPDIR",
        ),
        (
            "pg_stat_statements",
            "this PostgreSQL lacks its contrib modules: install postgresql-contrib, or run \
             `dyno db install` and set DYNO_PG_BIN to the folder that it prints",
        ),
        (
            "could not create shared memory",
            "the kernel's limits are too low for 256 MB of shared buffers",
        ),
        (
            "socket path",
            "the path of the folder for temporary files is too long: choose another with TMPDIR",
        ),
        (
            "invalid locale",
            "the locale C.UTF-8 is missing: install your distribution's locales",
        ),
    ];
    let found = known.iter().find(|(words, _)| log.contains(words));
    found.map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_words_are_explained() {
        for (log, expected) in [
            (
                "FATAL:  could not access file \"pg_stat_statements\": No such file",
                Some("contrib"),
            ),
            (
                "could not write to file \"pg_wal/x\": No space left on device",
                Some("TMPDIR"),
            ),
            (
                "Unix-domain socket path \"/very/long\" is too long",
                Some("TMPDIR"),
            ),
            ("LOG:  database system is ready", None),
        ] {
            let hint = of_log(log);
            assert_eq!(hint.is_some(), expected.is_some(), "{log}");
            let words = expected.unwrap_or_default();
            assert!(hint.unwrap_or_default().contains(words), "{log}");
        }
    }

    #[test]
    fn a_missing_server_says_how_to_get_one() {
        let hint = crate::Error::NotFound.hint().unwrap();
        assert!(hint.contains("dyno db install") && hint.contains("DYNO_PG_BIN"));
    }
}
