//! Answers as JSON, one event a line, in the order in which they come.

use anyhow::Result;

use super::Plan;
use super::answers::Show;
use super::kept::{self, Kept};
use crate::cli::json::{Event, What};
use crate::cli::output::{Out, note, remark};
use crate::client::{Answer, Error, ErrorKind};
use crate::forest::ResponseId;

/// Prints events.
#[derive(Debug)]
pub(super) struct Events {
    conversation_id: String,
    several: bool,
    /// What is answered, once it is known to be stored.
    question: Option<ResponseId>,
    /// What is stored of each answer.
    begun: Vec<Option<ResponseId>>,
}

impl Events {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            conversation_id: plan.request.conversation.to_string(),
            several: plan.answers > 1,
            question: kept::answered(&plan.request),
            begun: vec![None; plan.answers],
        }
    }
}

impl Show for Events {
    fn step(&mut self, out: &mut Out, index: usize, step: Result<Answer, Error>) -> Result<()> {
        let answer = index;
        let mut index = self.several.then_some(answer);
        let mut conversation_id = None;
        let what = match step {
            Ok(Answer::User(response)) => {
                // All answers share it.
                index = None;
                self.question = Some(response.id.clone());
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
            Ok(Answer::Started(response)) => {
                self.begun[answer] = Some(response.id);
                return Ok(());
            }
            Err(error) => {
                note(format_args!("error: {error}"));
                conversation_id = Some(self.conversation_id.clone());
                let begun = self.begun[answer].as_ref();
                failure(error.kind, error.message, begun, self.question.as_ref())
            }
        };
        Ok(out.json(&Event { conversation_id, index, what })?)
    }
}

/// The last events where the user stopped the answers: one for each that had begun.
pub(super) fn stopped(out: &mut Out, kept: &Kept) -> Result<()> {
    let begun = kept.begun().iter().map(Some);
    let none = kept.begun().is_empty().then_some(None);
    for begun in begun.chain(none) {
        let message = "stopped by the user; what arrived is kept".to_owned();
        let what = failure(ErrorKind::Cancelled, message, begun, kept.question());
        let conversation_id = Some(kept.conversation().to_string());
        out.json(&Event { conversation_id, index: None, what })?;
    }
    Ok(())
}

fn failure(
    kind: ErrorKind,
    message: String,
    begun: Option<&ResponseId>,
    question: Option<&ResponseId>,
) -> What {
    What::Error {
        kind: name(kind),
        message,
        response_id: begun.map(ToString::to_string),
        parent_response_id: question.map(ToString::to_string),
    }
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
