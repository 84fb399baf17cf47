//! Answers as JSON, one event a line, in the order in which they come.

use anyhow::Result;

use super::Plan;
use super::answers::Show;
use crate::cli::json::{Event, What};
use crate::cli::output::{Out, note, remark};
use crate::client::{Answer, Error, ErrorKind};

/// Prints events.
#[derive(Debug)]
pub(super) struct Events {
    conversation_id: String,
    several: bool,
}

impl Events {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { conversation_id: plan.request.conversation.to_string(), several: plan.answers > 1 }
    }
}

impl Show for Events {
    fn step(&mut self, out: &mut Out, index: usize, step: Result<Answer, Error>) -> Result<()> {
        let mut index = self.several.then_some(index);
        let mut conversation_id = None;
        let what = match step {
            Ok(Answer::User(response)) => {
                // All answers share it.
                index = None;
                conversation_id = Some(self.conversation_id.clone());
                What::UserResponse(Box::new(response.into()))
            }
            Ok(Answer::Finished(response)) => {
                conversation_id = Some(self.conversation_id.clone());
                What::ModelResponse(Box::new(response.into()))
            }
            Ok(Answer::Token(token)) => What::Token(token.into()),
            Ok(Answer::Reasoning(text)) => What::Reasoning(text),
            Ok(Answer::Query { query, kind }) => What::QueryAction { query, r#type: kind },
            Ok(Answer::Notice(words)) => {
                remark(words);
                return Ok(());
            }
            Ok(Answer::Started(_)) => return Ok(()),
            Err(error) => {
                note(format_args!("error: {error}"));
                What::Error { kind: name(error.kind), message: error.message }
            }
        };
        Ok(out.json(&Event { conversation_id, index, what })?)
    }
}

/// The last event where the user stopped the answers.
pub(super) fn stopped(out: &mut Out) -> Result<()> {
    let message = "stopped by the user; what arrived is kept".to_owned();
    let what = What::Error { kind: name(ErrorKind::Cancelled), message };
    Ok(out.json(&Event { conversation_id: None, index: None, what })?)
}

fn name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "not_found",
        ErrorKind::InvalidArgument => "invalid_argument",
        ErrorKind::Unauthenticated => "unauthenticated",
        ErrorKind::PermissionDenied => "permission_denied",
        ErrorKind::RateLimited => "rate_limited",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Unimplemented => "unimplemented",
        ErrorKind::Protocol => "protocol",
        ErrorKind::Deleted => "deleted",
        ErrorKind::NotCreated => "not_created",
        ErrorKind::NotLoaded => "not_loaded",
        ErrorKind::Cancelled => "cancelled",
        ErrorKind::Other => "other",
    }
}
