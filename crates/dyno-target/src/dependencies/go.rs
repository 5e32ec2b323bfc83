//! The modules that were linked into a Go program, as it tells itself: what `go
//! version -m` prints. `go.sum` alone does not tell: it also has modules that were
//! only looked at.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use dyno_result::Dependencies;

use super::{count, text};

/// Reads the artefact, and which of its modules `go.mod` names without `// indirect`.
pub(super) fn of(artefact: &Path, go_mod: &Path) -> Option<Dependencies> {
    if !artefact.is_file() {
        return None;
    }
    let modules = modules(build_info(&fs::read(artefact).ok()?)?);
    let named = text(go_mod).map(|text| named(&text));
    let direct = named.map(|named| modules.intersection(&named).count());
    let name = artefact.file_name()?.to_string_lossy();
    Some(Dependencies {
        direct: direct.map(count),
        total: count(modules.len()),
        counted: format!("modules in {name}"),
    })
}

/// What stands before the build information, always at a multiple of its length and 2
/// (Go's `debug/buildinfo`, since 1.18).
const MAGIC: &[u8] = b"\xff Go buildinf:";
const ALIGNED: usize = 16;
/// Magic, size of a pointer, flags, and room for pointers of older versions.
const HEAD: usize = 32;
/// In the flags: the texts follow the head.
const INLINE: u8 = 2;
/// Marks around the modules, so that they are found in memory.
const MARK: usize = 16;

/// The lines about modules within a program; `None` if Go did not make it, or a Go
/// before 1.18.
fn build_info(program: &[u8]) -> Option<&str> {
    let places = (0..program.len()).step_by(ALIGNED);
    let is_head = |at: &usize| {
        let head = program.get(*at..*at + HEAD);
        head.is_some_and(|head| head.starts_with(MAGIC) && head[15] & INLINE != 0)
    };
    let at = places.into_iter().find(is_head)?;
    let (_version, rest) = take_text(program.get(at + HEAD..)?)?;
    let (marked, _) = take_text(rest)?;
    let inner = marked.get(MARK..marked.len().checked_sub(MARK)?)?;
    std::str::from_utf8(inner).ok()
}

/// A text behind its length, which is a number of seven bits a byte, least first.
fn take_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut length, mut shift) = (0usize, 0u32);
    for (index, byte) in bytes.iter().enumerate() {
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return bytes.get(index + 1..)?.split_at_checked(length);
        }
    }
    None
}

/// The paths of the modules in `dep` lines.
fn modules(info: &str) -> BTreeSet<String> {
    let lines = info.lines().filter_map(|line| line.strip_prefix("dep\t"));
    let paths = lines.filter_map(|line| line.split('\t').next());
    paths.map(str::to_owned).collect()
}

/// The modules that a `go.mod` requires of its own will.
fn named(go_mod: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let mut is_within = false;
    for line in go_mod.lines().map(str::trim) {
        let words = match (is_within, line.strip_prefix("require")) {
            (true, _) => line,
            (false, Some(rest)) if rest.trim_start().starts_with('(') => {
                is_within = true;
                continue;
            }
            (false, Some(rest)) => rest,
            (false, None) => continue,
        };
        if words.starts_with(')') {
            is_within = false;
        } else if !words.contains("// indirect")
            && let Some(path) = words
                .split_whitespace()
                .next()
                .filter(|p| !p.starts_with("//"))
        {
            named.insert(path.to_owned());
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "path\tauth\nmod\tauth\t(devel)\t\n\
        dep\tgithub.com/gin-gonic/gin\tv1.11.0\th1:x=\n\
        dep\tgithub.com/jackc/pgx/v5\tv5.10.0\n=>\texample.org/fork\tv1.0.0\th1:y=\n\
        dep\tgolang.org/x/net\tv0.50.0\th1:z=\nbuild\t-trimpath=true\n";

    /// A program with build information behind `before` bytes of something else.
    fn program(before: usize, flags: u8) -> Vec<u8> {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[8, flags]);
        bytes.resize(before + HEAD, 0);
        bytes.push(8);
        bytes.extend_from_slice(b"go1.26.1");
        let length = INFO.len() + 2 * MARK;
        bytes.extend_from_slice(&[(length & 0x7f) as u8 | 0x80, (length >> 7) as u8]);
        bytes.extend_from_slice(&[b'<'; MARK]);
        bytes.extend_from_slice(INFO.as_bytes());
        bytes.extend_from_slice(&[b'>'; MARK]);
        bytes.extend_from_slice(&[7; 99]);
        bytes
    }

    #[test]
    fn a_program_tells_its_modules() {
        let expected = [
            "github.com/gin-gonic/gin",
            "github.com/jackc/pgx/v5",
            "golang.org/x/net",
        ];
        for before in [0, 16, 4096] {
            let program = program(before, INLINE);
            assert_eq!(build_info(&program), Some(INFO));
            assert!(modules(build_info(&program).unwrap()).iter().eq(expected));
        }
    }

    #[test]
    fn what_is_no_program_of_go_tells_nothing() {
        let whole = program(16, INLINE);
        for (why, bytes) in [
            ("empty", &[][..]),
            ("pointers", &program(16, 0)),
            ("not aligned", &program(8, INLINE)),
            ("cut in the head", &whole[..40]),
            ("cut in the version", &whole[..52]),
            ("cut in the modules", &whole[..100]),
            (
                "a length without end",
                &[&whole[..48], &[0xff; 40]].concat(),
            ),
        ] {
            assert_eq!(build_info(bytes), None, "{why}");
        }
    }

    #[test]
    fn the_modules_that_are_named_are_direct() {
        let go_mod = "module auth\n\ngo 1.26\n\nrequire golang.org/x/time v0.15.0\n\
            require (\n\tgithub.com/gin-gonic/gin v1.11.0\n\t// a remark\n\t\
            golang.org/x/net v0.50.0 // indirect\n)\n\nreplace example.org/a => ../a\n\
            require example.org/b v1.0.0 // indirect\n";
        let expected = ["github.com/gin-gonic/gin", "golang.org/x/time"];
        assert!(named(go_mod).iter().eq(expected));
        assert_eq!(named("module x\n\ngo 1.25\n"), BTreeSet::new());
    }
}
