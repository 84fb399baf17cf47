//! A conversation as it arrives: in parts, or in one piece from a service that has no parts.

use tonic::{Status, Streaming};

use super::calls::{Annotated, domain};
use super::error::Error;
use crate::forest::{Annotation, Conversation, Response, ResponseId};
use crate::proto::{grok_tui::ConversationPart, prompt_ide};

/// Room that is made for responses before any of them is there: a service may claim anything.
const MOST_EXPECTED: u64 = 1 << 16;

/// Takes in all parts. The outer error is the connection's, the inner one that of what was sent.
pub(super) async fn gather(
    mut parts: Streaming<ConversationPart>,
) -> Result<Result<Annotated, Error>, Status> {
    let mut conversation = None;
    let mut responses = Vec::new();
    let mut annotations = Vec::new();
    while let Some(part) = parts.message().await? {
        if let Some(wire) = part.conversation {
            match domain::<_, Conversation>(wire) {
                Ok(known) => {
                    responses.reserve(known.response_count.min(MOST_EXPECTED) as usize);
                    conversation = Some(known);
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        for wire in part.responses {
            if let Err(error) = take_in(wire, &mut responses, &mut annotations) {
                return Ok(Err(error));
            }
        }
    }
    Ok(whole(conversation, responses, annotations))
}

/// Takes in a conversation that came in one piece.
pub(super) fn of_one(mut wire: prompt_ide::Conversation) -> Result<Annotated, Error> {
    let sent = std::mem::take(&mut wire.responses);
    let mut responses = Vec::with_capacity(sent.len());
    let mut annotations = Vec::new();
    for response in sent {
        take_in(response, &mut responses, &mut annotations)?;
    }
    whole(Some(domain(wire)?), responses, annotations)
}

fn take_in(
    mut wire: prompt_ide::Response,
    responses: &mut Vec<Response>,
    annotations: &mut Vec<(ResponseId, Annotation)>,
) -> Result<(), Error> {
    let annotation = wire.annotation.take();
    let response: Response = domain(wire)?;
    if let Some(annotation) = annotation {
        annotations.push((response.id.clone(), annotation.into()));
    }
    responses.push(response);
    Ok(())
}

fn whole(
    conversation: Option<Conversation>,
    responses: Vec<Response>,
    annotations: Vec<(ResponseId, Annotation)>,
) -> Result<Annotated, Error> {
    let mut conversation = conversation.ok_or_else(|| {
        Error::protocol("the service sent responses of no conversation".to_owned())
    })?;
    conversation.response_count = conversation.response_count.max(responses.len() as u64);
    Ok(Annotated { conversation, responses, annotations })
}
