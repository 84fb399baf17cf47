//! A conversation in parts, which go out while later ones are still read.

use std::vec;

use futures::{Stream, stream};
use rustc_hash::FxHashMap;
use tokio::sync::mpsc;
use tonic::Status;

use super::{Service, status};
use crate::forest::{Annotation, Conversation, ConversationId, Response, ResponseId};
use crate::proto::{grok_tui::ConversationPart, prompt_ide};
use crate::store::{self, Reading};

/// Bytes of text after which a part ends; else it has what was read at once.
const BYTES: usize = 256 << 10;

impl Service {
    /// A conversation with all its responses and what is noted about them, all as they were at one moment.
    pub(super) async fn whole(&self, id: &ConversationId) -> Result<Whole, Status> {
        let read = async {
            let mut reading = self.store().read(id).await?;
            let responses = reading.whole().await?;
            Ok((reading.conversation, responses, reading.annotations))
        };
        read.await.map_err(|error| status::of_store(&error))
    }

    /// The parts of a conversation, in their order; at least one.
    pub(super) async fn parts(
        &self,
        id: &ConversationId,
    ) -> Result<impl Stream<Item = Result<ConversationPart, Status>> + use<>, Status> {
        let reading = self.store().read(id).await.map_err(|error| status::of_store(&error))?;
        Ok(Parts::of(reading).stream())
    }
}

/// A conversation, its responses, and what is noted about some of them.
type Whole = (Conversation, Vec<Response>, Vec<(ResponseId, Annotation)>);

struct Parts {
    /// Goes out with the first part.
    conversation: Option<Conversation>,
    annotations: FxHashMap<ResponseId, Annotation>,
    read: vec::IntoIter<Response>,
    responses: mpsc::Receiver<store::Result<Vec<Response>>>,
}

impl Parts {
    fn of(reading: Reading) -> Self {
        let Reading { conversation, annotations, responses } = reading;
        Self {
            conversation: Some(conversation),
            annotations: annotations.into_iter().collect(),
            read: Vec::new().into_iter(),
            responses,
        }
    }

    fn stream(self) -> impl Stream<Item = Result<ConversationPart, Status>> {
        stream::unfold(self, async |mut parts| Some((parts.next().await?, parts)))
    }

    async fn next(&mut self) -> Option<Result<ConversationPart, Status>> {
        if self.read.len() == 0 {
            match self.responses.recv().await {
                Some(Ok(read)) => self.read = read.into_iter(),
                Some(Err(error)) => {
                    self.conversation = None;
                    return Some(Err(status::of_store(&error)));
                }
                None if self.conversation.is_none() => return None,
                None => {}
            }
        }
        let mut responses = Vec::with_capacity(self.read.len());
        let mut bytes = 0;
        while bytes < BYTES {
            let Some(response) = self.read.next() else { break };
            bytes += response.message.len();
            responses.push(self.response(response));
        }
        let conversation = self.conversation.take().map(Into::into);
        Some(Ok(ConversationPart { conversation, responses }))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Time;
    use crate::store::{Error, Result as Read};
    use futures::StreamExt as _;

    async fn parts(read: Vec<Read<Vec<&str>>>) -> Vec<Result<(bool, usize), String>> {
        let id = |number: usize| ResponseId::parse(&format!("r{number}")).unwrap();
        let (sender, responses) = mpsc::channel(read.len().max(1));
        for part in read {
            let part = part.map(|messages| {
                let responses = messages.into_iter().enumerate();
                responses.map(|(n, text)| Response::human(id(n), text, Time(0))).collect()
            });
            sender.try_send(part).unwrap();
        }
        drop(sender);
        let conversation = Conversation {
            id: ConversationId::parse("c").unwrap(),
            title: String::new(),
            starred: false,
            create_time: Time(0),
            modify_time: Time(0),
            settings: Default::default(),
            response_count: 0,
        };
        let parts = Parts::of(Reading { conversation, annotations: Vec::new(), responses });
        let sizes = parts.stream().map(|part| {
            let part = part.map_err(|status| status.message().to_owned())?;
            Ok((part.conversation.is_some(), part.responses.len()))
        });
        sizes.collect().await
    }

    #[tokio::test]
    async fn there_is_a_first_part_and_none_is_large() {
        assert_eq!(parts(vec![]).await, [Ok((true, 0))]);
        assert_eq!(
            parts(vec![Ok(vec!["a"; 9]), Ok(vec!["b"])]).await,
            [Ok((true, 9)), Ok((false, 1))]
        );
        let long = "b".repeat(BYTES);
        let read = vec![Ok(vec![long.as_str(), "c", "d"])];
        assert_eq!(parts(read).await, [Ok((true, 1)), Ok((false, 2))]);
    }

    #[tokio::test]
    async fn a_failure_is_told_after_what_was_read() {
        let failure = Error::Internal("the disk is gone".into());
        let told = parts(vec![Ok(vec!["a"]), Err(failure.clone())]).await;
        assert_eq!(told, [Ok((true, 1)), Err(failure.to_string())]);
        assert_eq!(parts(vec![Err(failure.clone())]).await, [Err(failure.to_string())]);
    }
}
