//! What users have noted about responses: checked as it comes, and put beside the responses that go
//! out.

use std::collections::HashMap;

use tonic::Status;

use super::status::invalid;
use crate::forest::{Annotation, ResponseId};
use crate::proto::prompt_ide::{self as wire, Conversation};

/// Reads what is to be noted.
pub(super) fn read(annotation: Option<wire::Annotation>) -> Result<Annotation, Status> {
    let annotation: Annotation = annotation.map(Into::into).unwrap_or_default();
    annotation.check().map_err(invalid)?;
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
