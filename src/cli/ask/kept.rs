//! What is left after answers that did not arrive whole, and how to go on from it.

use crate::cli::output::{note, quoted};
use crate::client::{AddResponse, Answer, Error};
use crate::forest::{ConversationId, ResponseId};

/// What the service is known to have kept.
#[derive(Debug)]
pub(super) struct Kept {
    conversation: ConversationId,
    /// The model that is asked, where one was named.
    model: String,
    /// What has to be typed to come to the same conversations; with a space behind.
    whereabouts: String,
    /// The conversation was made for this.
    is_new: bool,
    /// What is answered, once it is stored.
    question: Option<ResponseId>,
    /// Whether any text of an answer has come.
    is_answered: bool,
    /// The answers that have begun and not ended, where the service names them.
    begun: Vec<ResponseId>,
}

impl Kept {
    pub(super) fn of(request: &AddResponse, whereabouts: &str, is_new: bool) -> Self {
        Self {
            conversation: request.conversation.clone(),
            model: request.model.clone(),
            whereabouts: whereabouts.to_owned(),
            is_new,
            question: answered(request),
            is_answered: false,
            begun: Vec::new(),
        }
    }

    pub(super) fn conversation(&self) -> &ConversationId {
        &self.conversation
    }

    pub(super) fn question(&self) -> Option<&ResponseId> {
        self.question.as_ref()
    }

    pub(super) fn begun(&self) -> &[ResponseId] {
        &self.begun
    }

    /// Learns from a step of an answer.
    pub(super) fn step(&mut self, step: &Result<Answer, Error>) {
        match step {
            Ok(Answer::User(response)) => self.question = Some(response.id.clone()),
            Ok(Answer::Started(response)) => self.begun.push(response.id.clone()),
            Ok(Answer::Token(_)) => self.is_answered = true,
            Ok(Answer::Finished(response)) => {
                self.is_answered = true;
                self.begun.retain(|id| *id != response.id);
            }
            Ok(Answer::Reasoning(_) | Answer::Query { .. } | Answer::Notice(_)) | Err(_) => {}
        }
    }

    /// Says what is kept, where it is, and how to go on.
    pub(super) fn tell(&self) {
        let id = &self.conversation;
        let model = match &*self.model {
            "" => String::new(),
            model => format!("--model {} ", quoted(model)),
        };
        let there = &self.whereabouts;
        let ask = |response| format!("grok-tui ask {model}{there}-c {id} --parent {response} \"\"");
        for partial in &self.begun {
            note(format_args!("kept: the partial answer {partial}; {} continues it", ask(partial)));
        }
        match &self.question {
            Some(question) if !self.is_answered => {
                note(format_args!(
                    "kept: the question, without an answer; {} asks again",
                    ask(question)
                ));
            }
            None if self.is_new => {
                note(format_args!(
                    "kept: conversation {id}, with nothing in it; grok-tui delete {there}{id}"
                ));
            }
            Some(_) | None => {}
        }
    }
}

/// The response that is answered, where nothing is said before.
pub(super) fn answered(request: &AddResponse) -> Option<ResponseId> {
    let is_said = !request.message.is_empty() || !request.images.is_empty();
    request.parent.clone().filter(|_| !is_said)
}
