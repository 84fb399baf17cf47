//! A conversation in parts, each of which is made when it is wanted.

use std::vec;

use rustc_hash::FxHashMap;

use tonic::Status;

use super::{Service, status};
use crate::forest::{Annotation, Conversation, ConversationId, Response, ResponseId};
use crate::proto::{grok_tui::ConversationPart, prompt_ide};

/// Most responses in a part, and bytes of text after which one ends.
const RESPONSES: usize = 256;
const BYTES: usize = 256 << 10;

impl Service {
    /// A conversation with all its responses and what is noted about them.
    pub(super) async fn whole(&self, id: &ConversationId) -> Result<Whole, Status> {
        let found = async {
            let conversation = self.store().conversation(id).await?;
            let responses = self.store().responses(id).await?;
            Ok((conversation, responses, self.store().annotations(id).await?))
        };
        found.await.map_err(|error| status::of_store(&error))
    }
}

/// A conversation, its responses, and what is noted about some of them.
type Whole = (Conversation, Vec<Response>, Vec<(ResponseId, Annotation)>);

/// The parts of a conversation, in their order.
pub(super) struct Parts {
    conversation: Option<Conversation>,
    responses: vec::IntoIter<Response>,
    annotations: FxHashMap<ResponseId, Annotation>,
}

impl Parts {
    pub(super) fn of((conversation, responses, annotations): Whole) -> Self {
        Self {
            conversation: Some(conversation),
            responses: responses.into_iter(),
            annotations: annotations.into_iter().collect(),
        }
    }

    fn response(&mut self, response: Response) -> prompt_ide::Response {
        let annotation = match self.annotations.is_empty() {
            true => None,
            false => self.annotations.remove(&response.id),
        };
        let annotation = annotation.and_then(Into::into);
        prompt_ide::Response { annotation, ..response.into() }
    }
}

impl Iterator for Parts {
    type Item = ConversationPart;

    fn next(&mut self) -> Option<ConversationPart> {
        let conversation = self.conversation.take();
        if conversation.is_none() && self.responses.len() == 0 {
            return None;
        }
        let mut responses = Vec::with_capacity(self.responses.len().min(RESPONSES));
        let mut bytes = 0;
        while responses.len() < RESPONSES && bytes < BYTES {
            let Some(response) = self.responses.next() else { break };
            bytes += response.message.len();
            responses.push(self.response(response));
        }
        Some(ConversationPart { conversation: conversation.map(Into::into), responses })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::{ConversationId, Time};

    fn parts(messages: &[&str]) -> Vec<(bool, usize)> {
        let id = |number: usize| ResponseId::parse(&format!("r{number}")).unwrap();
        let responses = messages.iter().enumerate();
        let responses = responses.map(|(number, text)| Response::human(id(number), *text, Time(0)));
        let conversation = Conversation {
            id: ConversationId::parse("c").unwrap(),
            title: String::new(),
            starred: false,
            create_time: Time(0),
            modify_time: Time(0),
            settings: Default::default(),
            response_count: messages.len() as u64,
        };
        let parts = Parts::of((conversation, responses.collect(), Vec::new()));
        parts.map(|part| (part.conversation.is_some(), part.responses.len())).collect()
    }

    #[test]
    fn there_is_a_first_part_and_none_is_large() {
        assert_eq!(parts(&[]), [(true, 0)]);
        assert_eq!(parts(&["a"; RESPONSES + 1]), [(true, RESPONSES), (false, 1)]);
        let long = "b".repeat(BYTES);
        assert_eq!(parts(&[&long, "c", "d"]), [(true, 1), (false, 2)]);
    }
}
