//! What the fields of a head say about the body and the connection, as RFC 9110
//! and RFC 9112 put it: all fields of one name are one list.

use dyno_result::FailureKind;

/// How the body of an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// After so many bytes.
    Length(u64),
    /// After the last chunk.
    Chunked,
    /// When the connection is closed.
    UntilClose,
}

/// The fields of one head.
pub(super) struct Fields<'a>(pub(super) &'a [httparse::Header<'a>]);

impl Fields<'_> {
    /// How the body ends and whether the connection can be used again. `old` for
    /// HTTP/1.0, `empty` if there is no body whatever the fields say.
    ///
    /// Stricter than RFC 9112 on purpose: a wrong Content-Length is refused even
    /// where a transfer coding or the lack of a body makes it meaningless, and
    /// so is a list of equal lengths in one field.
    pub(super) fn framing(&self, old: bool, empty: bool) -> Result<(Framing, bool), FailureKind> {
        let length = self.length()?;
        let coded = self.values("transfer-encoding").next().is_some();
        let framing = if empty {
            Framing::Length(0)
        } else if coded {
            match self.list("transfer-encoding").last() {
                Some(last) if last == "chunked" => Framing::Chunked,
                _ => Framing::UntilClose,
            }
        } else {
            length.map_or(Framing::UntilClose, Framing::Length)
        };
        let options = self.list("connection");
        let option = |name: &str| options.iter().any(|option| option == name);
        let kept = !option("close") && (!old || option("keep-alive") && !coded);
        Ok((framing, kept && framing != Framing::UntilClose))
    }

    pub(super) fn values<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b [u8]> {
        let named = move |field: &&httparse::Header<'_>| field.name.to_ascii_lowercase() == name;
        self.0.iter().filter(named).map(|field| field.value)
    }

    /// The elements of a list, in lower case; empty ones do not count.
    fn list(&self, name: &str) -> Vec<String> {
        let lines: Vec<String> = self
            .values(name)
            .map(|value| value.escape_ascii().to_string().to_lowercase())
            .collect();
        let joined = lines.join(",").replace("\\t", " ");
        let elements = joined.split(',').map(|element| element.trim().to_owned());
        elements.filter(|element| !element.is_empty()).collect()
    }

    fn length(&self) -> Result<Option<u64>, FailureKind> {
        let mut seen = None;
        for value in self.values("content-length") {
            let mut length = 0_u64;
            for byte in value {
                let digit = char::from(*byte).to_digit(10).map(u64::from);
                let grown = length.checked_mul(10);
                length = grown
                    .zip(digit)
                    .and_then(|(grown, digit)| grown.checked_add(digit))
                    .ok_or(FailureKind::HttpMalformed)?;
            }
            if value.is_empty() || seen.is_some_and(|seen| seen != length) {
                return Err(FailureKind::HttpMalformed);
            }
            seen = Some(length);
        }
        Ok(seen)
    }
}
