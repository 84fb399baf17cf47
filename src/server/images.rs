//! Pictures that come with a response: what clients send, and what models are given.

use tonic::Status;

use super::status::invalid;
use crate::forest::Response;

/// How the data of known kinds of pictures begin, in base64.
const BEGINNINGS: [(&str, &str); 4] =
    [("iVBORw0KGgo", "png"), ("/9j/", "jpeg"), ("R0lGOD", "gif"), ("UklGR", "webp")];

/// The addresses under which a model can see the pictures of a response.
///
/// # Errors
/// When one is not a picture.
pub(super) fn addresses(response: &Response) -> Result<Vec<String>, Status> {
    of(response).iter().map(|given| address(given)).collect()
}

/// The pictures of a response, as they were given.
pub(super) fn of(response: &Response) -> &[String] {
    response.details.as_deref().map_or(&[], |details| &details.image_attachments)
}

/// An address of a picture: one that was given, or made of the picture's data in base64.
pub(super) fn address(given: &str) -> Result<String, Status> {
    if let Some(rest) = given.strip_prefix("data:") {
        let (head, data) = rest.split_once(',').unwrap_or((rest, ""));
        let mut parts = head.split(';');
        let kind = parts.next().filter(|kind| kind.starts_with("image/"));
        return match kind {
            // Only the kind goes on: a name of the file is nobody else's business.
            Some(kind) if parts.any(|part| part == "base64") && is_base64(data) => {
                Ok(format!("data:{kind};base64,{data}"))
            }
            Some(_) | None => Err(no_picture()),
        };
    }
    if given.starts_with("https://") || given.starts_with("http://") {
        return Ok(given.to_owned());
    }
    let kind = BEGINNINGS.iter().find(|(beginning, _)| given.starts_with(beginning));
    let (_, kind) = kind.filter(|_| is_base64(given)).ok_or_else(no_picture)?;
    Ok(format!("data:image/{kind};base64,{given}"))
}

fn is_base64(data: &str) -> bool {
    let good = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'=' | b'-' | b'_');
    !data.is_empty() && data.bytes().all(good)
}

fn no_picture() -> Status {
    invalid(
        "an image attachment is no picture: send an https address, a data:image/…;base64, address, \
         or the bytes of a PNG, JPEG, GIF or WebP file in base64",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_becomes_an_address() {
        for (given, address_for_model) in [
            ("https://example.org/a.png", "https://example.org/a.png"),
            ("data:image/png;base64,AA==", "data:image/png;base64,AA=="),
            ("data:image/png;name=cat.png;base64,AA==", "data:image/png;base64,AA=="),
            ("iVBORw0KGgoAAA", "data:image/png;base64,iVBORw0KGgoAAA"),
            ("/9j/4AAQ", "data:image/jpeg;base64,/9j/4AAQ"),
        ] {
            assert_eq!(address(given).unwrap(), address_for_model);
        }
        for bad in ["", "cat.png", "data:text/html;base64,AA", "data:image/png,AA", "iVBORw0KGgo\n"]
        {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
