//! Reading requests: ids, page sizes and sampling settings, and what is wrong with them in words.

use tonic::Status;

use super::status::invalid;
use crate::forest::{ConversationId, ResponseId, Sampling, Time, ranges};
use crate::proto::prompt_ide::AdditionalOptions;
use crate::store::PageRequest;

/// The conversation that a request must name.
pub(super) fn conversation(id: &str) -> Result<ConversationId, Status> {
    ConversationId::parse(id).ok_or_else(|| invalid("conversation_id is empty; name one"))
}

/// The response that a request must name.
pub(super) fn response(id: &str) -> Result<ResponseId, Status> {
    ResponseId::parse(id).ok_or_else(|| invalid("response_id is empty; name one"))
}

/// A part of a list. No size, or 0: all of it.
pub(super) fn page(size: Option<i64>, token: Option<String>) -> Result<PageRequest, Status> {
    let size = usize::try_from(size.unwrap_or(0))
        .map_err(|_| invalid("page_size is negative; leave it out to get all"))?;
    Ok(PageRequest {
        size: (size > 0).then_some(size),
        token: token.filter(|token| !token.is_empty()),
    })
}

/// Longest title, in bytes: lists show it whole.
const LONGEST_TITLE: usize = 10_000;

/// Refuses a title that is a text of its own.
pub(super) fn check_title(title: &str) -> Result<(), Status> {
    if title.len() <= LONGEST_TITLE {
        return Ok(());
    }
    Err(invalid(&format!("the title is longer than {LONGEST_TITLE} bytes; give a shorter one")))
}

/// Longest query, in bytes: the index needs time that grows with the square of its words.
const LONGEST_QUERY: usize = 4_000;

/// Refuses to look for a text of its own.
pub(super) fn check_query(query: &str) -> Result<(), Status> {
    if query.len() <= LONGEST_QUERY {
        return Ok(());
    }
    Err(invalid(&format!(
        "what is searched for is longer than {LONGEST_QUERY} bytes; give fewer words"
    )))
}

/// Refuses settings that no model can follow.
pub(super) fn check_sampling(sampling: &Sampling) -> Result<(), Status> {
    sampling.check().map_err(|error| invalid(&error.to_string()))
}

/// Refuses a longest answer that is none, under the name that clients of the original contract know.
/// Left out, it is the model's own.
pub(super) fn check_length(options: Option<&AdditionalOptions>) -> Result<(), Status> {
    let Some(length) = options.and_then(|options| options.max_len) else { return Ok(()) };
    ranges::MAX_LEN.check(length).map(drop).map_err(|error| invalid(&error.to_string()))
}

/// The moment a request is handled.
pub(super) fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Time(since.ok().and_then(|since| i64::try_from(since.as_micros()).ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_sizes() {
        assert_eq!(page(None, None).unwrap().size, None);
        assert_eq!(page(Some(0), Some(String::new())).unwrap().token, None);
        assert_eq!(page(Some(7), Some("t".into())).unwrap().size, Some(7));
        assert!(page(Some(-1), None).is_err());
    }
}
