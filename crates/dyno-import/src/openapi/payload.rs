//! The body of an operation.

use crate::body::{FORM, JSON, drop_default_type};
use crate::draft::{Body, Request};
use crate::json::Json;
use crate::text::Text;
use crate::{Error, Warning};

use super::operation::{Operation, Skeleton};
use super::sample::Variety;

impl<'a> Skeleton<'a> {
    /// The body of the operation, in the first form that dyno can write.
    pub(super) fn put_body(
        &mut self,
        operation: &Operation<'a>,
        request: &mut Request,
    ) -> Result<(), Error> {
        let Some(body) = operation.part.get("requestBody") else {
            return Ok(());
        };
        let body = self.document.resolve(body)?;
        let Some(content) = body.get("content") else {
            return Ok(());
        };
        let rank = |media_type: &str| {
            let media_type = media_type.split(';').next().unwrap_or_default().trim();
            match media_type {
                JSON => 0,
                _ if media_type.ends_with("+json") => 1,
                FORM => 2,
                _ if media_type.starts_with("text/") => 3,
                _ => 4,
            }
        };
        let Some((media_type, holder)) = content.members().min_by_key(|(name, _)| rank(name))
        else {
            return Ok(());
        };
        if rank(media_type) == 4 {
            let text = format!(
                "{}: a body of {media_type} is nothing that dyno can write; it has none",
                operation.shown()
            );
            self.warnings.push(Warning::new(text));
            return Ok(());
        }
        let value = self.sample(Variety::Fresh, &holder)?;
        request.headers.add_default("Content-Type", media_type);
        request.body = match (rank(media_type), &value) {
            (0 | 1, Json::Object(_)) if value.fits_toml() => Body::Json(value),
            (2, Json::Object(members)) if value.fits_toml() => {
                Body::Form(members.iter().map(field).collect())
            }
            (0 | 1, _) => Body::Text(Text::template(value.compact())),
            _ => Body::Text(scalar(&value)),
        };
        drop_default_type(request);
        Ok(())
    }
}

fn field((name, value): &(String, Json)) -> (String, Text) {
    (name.clone(), scalar(value))
}

/// A value as text: a text without its quotes.
fn scalar(value: &Json) -> Text {
    match value {
        Json::Text(text) => text.clone(),
        other => Text::template(other.compact()),
    }
}
