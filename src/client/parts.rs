//! A conversation as it arrives: in parts, or in one piece from a service that has no parts.

use tonic::{Status, Streaming};

use super::calls::{broken, domain};
use super::error::Error;
use super::extension::Annotated;
use crate::forest::{Annotation, Conversation, Names, Response, ResponseId};
use crate::proto::{grok_tui::ConversationPart, prompt_ide};

/// Room that is made for responses before any of them is there: a service may claim anything.
const MOST_EXPECTED: u64 = 1 << 16;

/// Takes in all parts. The outer error is the connection's, the inner one that of what was sent.
pub(super) async fn gather(
    mut parts: Streaming<ConversationPart>,
) -> Result<Result<Annotated, Error>, Status> {
    let mut conversation = None;
    let mut gathered = Gathered::default();
    while let Some(part) = parts.message().await? {
        if let Some(wire) = part.conversation {
            match domain::<_, Conversation>(wire) {
                Ok(known) => {
                    gathered.responses.reserve(known.response_count.min(MOST_EXPECTED) as usize);
                    conversation = Some(known);
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        for wire in part.responses {
            if let Err(error) = gathered.take_in(wire) {
                return Ok(Err(error));
            }
        }
    }
    Ok(gathered.whole(conversation))
}

/// Takes in a conversation that came in one piece.
pub(super) fn of_one(mut wire: prompt_ide::Conversation) -> Result<Annotated, Error> {
    let sent = std::mem::take(&mut wire.responses);
    let mut gathered = Gathered::default();
    gathered.responses.reserve_exact(sent.len());
    for response in sent {
        gathered.take_in(response)?;
    }
    gathered.whole(Some(domain(wire)?))
}

/// What has come so far.
#[derive(Default)]
struct Gathered {
    responses: Vec<Response>,
    annotations: Vec<(ResponseId, Annotation)>,
    names: Names,
}

impl Gathered {
    fn take_in(&mut self, mut wire: prompt_ide::Response) -> Result<(), Error> {
        let annotation = wire.annotation.take();
        let response = wire.domain(&mut self.names).map_err(|error| broken(&error))?;
        if let Some(annotation) = annotation {
            self.annotations.push((response.id.clone(), annotation.into()));
        }
        self.responses.push(response);
        Ok(())
    }

    /// All of it, oldest first.
    fn whole(self, conversation: Option<Conversation>) -> Result<Annotated, Error> {
        let Self { mut responses, annotations, .. } = self;
        let mut conversation = conversation.ok_or_else(|| {
            Error::protocol("the service sent responses of no conversation".to_owned())
        })?;
        conversation.response_count = conversation.response_count.max(responses.len() as u64);
        if !responses.is_sorted_by_key(|response| response.create_time) {
            responses.sort_by_key(|response| response.create_time);
        }
        Ok(Annotated { conversation, responses, annotations })
    }
}
