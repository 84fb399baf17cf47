//! What users have noted about responses: checked as it comes, and put beside the responses that go
//! out.

use std::collections::HashMap;

use tonic::Status;

use super::status::invalid;
use crate::forest::{Annotation, ResponseId};
use crate::proto::prompt_ide::{self as wire, Conversation};

/// Characters of a label, which is one short line.
const LONGEST_LABEL: usize = 200;
/// Bytes of a note.
const LONGEST_NOTE: usize = 64 << 10;

/// Reads what is to be noted.
pub(super) fn read(annotation: Option<wire::Annotation>) -> Result<Annotation, Status> {
    let annotation: Annotation = annotation.map(Into::into).unwrap_or_default();
    if annotation.label.contains(['\n', '\r']) {
        return Err(invalid("a label is one line; put longer text into the note"));
    }
    if annotation.label.chars().count() > LONGEST_LABEL {
        return Err(invalid("a label has at most 200 characters; put longer text into the note"));
    }
    if annotation.note.len() > LONGEST_NOTE {
        return Err(invalid("a note has at most 64 KiB; write it as a response instead"));
    }
    Ok(annotation)
}

/// Adds what is noted to the responses of a conversation.
pub(super) fn add(conversation: &mut Conversation, annotations: Vec<(ResponseId, Annotation)>) {
    if annotations.is_empty() {
        return;
    }
    let mut by_id: HashMap<String, Annotation> =
        annotations.into_iter().map(|(id, annotation)| (id.to_string(), annotation)).collect();
    for response in &mut conversation.responses {
        response.annotation = by_id.remove(&response.response_id).and_then(Into::into);
    }
}
