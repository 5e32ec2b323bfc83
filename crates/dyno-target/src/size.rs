//! How large a target is: lines of code, compressed bytes, dependencies.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use dyno_result::{Size, SourceFile};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokei::{Config, LanguageType};

use crate::manifest::Manifest;
use crate::{Error, dependencies, inputs};

/// Looks at the files that the manifest calls the target's source, and at what it
/// depends on. `work` is where it was built.
///
/// A source that is not there is an error; dependencies that cannot be found out are
/// left away.
pub async fn size(manifest: &Manifest, work: &Path) -> Result<Size, Error> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    let mut files = Vec::new();
    for path in inputs::files(manifest, "source", &manifest.source)? {
        let whole = manifest.dir.join(&path);
        let failed = |source| Error::file(&whole, source);
        let bytes = fs::read(&whole).map_err(failed)?;
        packed.write_all(&bytes).map_err(failed)?;
        let language = LanguageType::from_path(&whole, &Config::default());
        files.push(SourceFile {
            path: path.display().to_string(),
            language: language.map(|language| language.name().to_owned()),
            code_lines: language.map(|language| code_lines(language, &bytes)),
        });
    }
    let packed = packed.finish();
    let packed = packed.map_err(|source| Error::file(&manifest.dir, source))?;
    Ok(Size {
        code_lines: files.iter().map(|file| file.code_lines).sum(),
        gzip_bytes: packed.len() as u64,
        files,
        dependencies: dependencies::of(manifest, work).await,
    })
}

/// Lines of code as tokei counts them. Python's documentation strings are text, as
/// the comments of other languages are; so are examples in comments.
fn code_lines(language: LanguageType, bytes: &[u8]) -> u64 {
    let config = Config {
        treat_doc_strings_as_comments: Some(true),
        ..Config::default()
    };
    let counted = language.parse_from_slice(bytes, &config).code;
    // tokei takes a documentation string that ends on its first line for code.
    let text = String::from_utf8_lossy(bytes);
    let documentation = text.lines().filter(|line| is_documentation(language, line));
    counted.saturating_sub(documentation.count()) as u64
}

/// Whether a line is a documentation string and nothing else.
fn is_documentation(language: LanguageType, line: &str) -> bool {
    let line = line.trim();
    let mut quotes = language
        .doc_quotes()
        .iter()
        .filter(|(open, close)| open == close);
    quotes.any(|(open, close)| {
        let rest = line.strip_prefix(open);
        rest.is_some_and(|rest| rest.ends_with(close))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blank_lines_and_documentation_are_no_code() {
        for (language, text, expected) in [
            (LanguageType::Python, "", 0),
            (LanguageType::Python, "# why\n\nx = 1  # so\n", 1),
            (
                LanguageType::Python,
                "\"\"\"What it does.\n\nAt length.\n\"\"\"\n\nimport os\n\n\ndef f():\n    \"\"\"One line.\"\"\"\n    return \"# no comment\"\n",
                3,
            ),
            (
                LanguageType::Rust,
                "//! Job.\n\n/// Doc:\n/// ```\n/// let x = 1;\n/// ```\nfn f() {\n    /* a\n       b */\n    g(\"// no comment\");\n}\n",
                3,
            ),
            (
                LanguageType::Go,
                "package main\n\n// f does.\nfunc f() {\n\tg() // now\n}\n/* a\nb */\n",
                4,
            ),
            (LanguageType::Sql, "-- why\nSELECT 1;\n", 1),
        ] {
            assert_eq!(code_lines(language, text.as_bytes()), expected, "{text}");
        }
    }
}
