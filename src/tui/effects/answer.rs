//! An answer as it arrives: what comes close together is handed on together.

use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::client::{Answer, AnswerStream, Client, Error};
use crate::forest::{Conversation, ConversationId, Settings};
use crate::tui::effect::Turn;
use crate::tui::event::{AnswerId, Event, Piece};
use crate::tui::state::samples::Likelihood;

/// Text is handed on no more often than this: the screen is not drawn more often either. What is behind
/// the service comes at the same pace, so that nothing is gained by more frames.
const FLUSH_EVERY: Duration = Duration::from_millis(50);
/// What comes first after a pause is rarely alone: the service takes what a model has brought meanwhile
/// piece by piece, and hands it on in the same way.
const FOR_MORE: Duration = Duration::from_millis(4);
/// A flush that would be this late is not waited for while pieces keep coming.
const MOST_AT_ONCE: usize = 4_096;

/// Makes the conversation if need be, asks for the answer and hands on what comes.
pub(super) async fn receive(
    client: &Client,
    events: &mpsc::Sender<Event>,
    id: AnswerId,
    turn: Turn,
) -> Result<(), Error> {
    let conversation = match &turn.conversation {
        Some(conversation) => conversation.clone(),
        None => {
            let made = client.begin_conversation("", &turn.message).await?;
            let conversation = with_settings(client, made, &turn.settings).await?;
            let name = conversation.id.clone();
            let _ = events.send(Event::Created { answer: id, conversation }).await;
            name
        }
    };
    let made = turn.conversation.is_none().then(|| conversation.clone());
    let mut stream = match client.add_response(turn.in_conversation(conversation)).await {
        Ok(stream) => stream,
        Err(error) => {
            discard(client, events, made).await;
            return Err(error);
        }
    };
    let mut batch = Batch::default();
    let result = loop {
        let Some(item) = next(&mut stream, &mut batch, events, id).await else { break Ok(()) };
        match item {
            Ok(step) => batch.add(step),
            Err(error) => break Err(error),
        }
    };
    batch.send(events, id).await;
    result
}

/// A conversation that was just made, once it has its settings; where it does not get them it is taken
/// back.
pub(super) async fn with_settings(
    client: &Client,
    made: Conversation,
    settings: &Settings,
) -> Result<Conversation, Error> {
    if *settings == Settings::default() {
        return Ok(made);
    }
    let set = client.update_settings(&made.id, settings).await;
    if set.is_err() {
        let _ = client.delete_conversation(&made.id).await;
    }
    set
}

/// Takes back a conversation that was made for a turn which the service did not take.
async fn discard(client: &Client, events: &mpsc::Sender<Event>, made: Option<ConversationId>) {
    if let Some(id) = made
        && client.delete_conversation(&id).await.is_ok()
    {
        let _ = events.send(Event::Discarded(id)).await;
    }
}

/// The next step of an answer. Hands on what has gathered when that is due.
async fn next(
    stream: &mut AnswerStream,
    batch: &mut Batch,
    events: &mpsc::Sender<Event>,
    id: AnswerId,
) -> Option<Result<Answer, Error>> {
    if batch.count < MOST_AT_ONCE
        && let Some(item) = stream.next().now_or_never()
    {
        return item;
    }
    if batch.pieces.is_empty() {
        return stream.next().await;
    }
    let due = batch.due();
    if due > Instant::now() {
        tokio::select! {
            biased;
            item = stream.next() => return item,
            () = tokio::time::sleep_until(due) => {}
        }
    }
    batch.send(events, id).await;
    stream.next().await
}

/// Pieces that wait to be handed on together.
#[derive(Default)]
struct Batch {
    pieces: Vec<Piece>,
    /// Steps in it.
    count: usize,
    /// When the first of them came.
    began: Option<Instant>,
    sent: Option<Instant>,
    /// Something in it is to be seen at once.
    urgent: bool,
    /// Of the tokens in it: one number for all, so that a piece stays small.
    likelihood: Likelihood,
}

impl Batch {
    fn add(&mut self, step: Answer) {
        self.count += 1;
        if self.pieces.is_empty() {
            self.began = Some(Instant::now());
        }
        let piece = match step {
            Answer::Token(token) => {
                if let Some(prob) = token.prob {
                    let log_sum = f64::from(prob.max(f32::MIN_POSITIVE)).ln();
                    self.likelihood.add(Likelihood { log_sum, tokens: 1 });
                }
                if let Some(Piece::Text(text, tokens)) = self.pieces.last_mut() {
                    text.push_str(&token.text);
                    *tokens += 1;
                    return;
                }
                Piece::Text(token.text, 1)
            }
            Answer::Reasoning(more) => {
                if let Some(Piece::Reasoning(text)) = self.pieces.last_mut() {
                    text.push_str(&more);
                    return;
                }
                Piece::Reasoning(more)
            }
            Answer::Query { query, kind } => Piece::Notice(format!("searching {kind}: {query}")),
            Answer::Notice(text) => Piece::Notice(text),
            Answer::User(response) => Piece::User(response),
            Answer::Started(response) => Piece::Started(response),
            Answer::Finished(response) => Piece::Finished(response),
        };
        self.urgent |= !matches!(piece, Piece::Text(..) | Piece::Reasoning(_));
        self.pieces.push(piece);
    }

    fn due(&self) -> Instant {
        if self.urgent {
            return Instant::now();
        }
        let for_more = self.began.map(|began| began + FOR_MORE);
        let again = self.sent.map(|sent| sent + FLUSH_EVERY);
        for_more.max(again).unwrap_or_else(Instant::now)
    }

    async fn send(&mut self, events: &mpsc::Sender<Event>, id: AnswerId) {
        if self.pieces.is_empty() {
            return;
        }
        let mut pieces = std::mem::take(&mut self.pieces);
        let likelihood = std::mem::take(&mut self.likelihood);
        if likelihood.tokens > 0 {
            pieces.insert(0, Piece::Likelihood(likelihood));
        }
        self.count = 0;
        self.urgent = false;
        self.sent = Some(Instant::now());
        let _ = events.send(Event::Answer { id, pieces }).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Token;

    fn token(text: &str) -> Answer {
        Answer::Token(Token { text: text.to_owned(), ..Token::default() })
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_that_come_together_are_handed_on_together() {
        let (events, mut handed_on) = mpsc::channel(4);
        let began = Instant::now();
        let mut batch = Batch::default();
        batch.add(token("a"));
        batch.add(token("b"));
        assert_eq!(batch.due(), began + FOR_MORE);
        batch.send(&events, AnswerId(1)).await;
        let Some(Event::Answer { pieces, .. }) = handed_on.recv().await else { panic!("an event") };
        assert!(matches!(&pieces[..], [Piece::Text(text, 2)] if text == "ab"), "{pieces:?}");
        batch.add(token("c"));
        assert_eq!(batch.due(), began + FLUSH_EVERY, "no sooner than can be seen");
        batch.add(Answer::Notice("wait".to_owned()));
        assert_eq!(batch.due(), began, "but for what nobody should wait for");
        batch.send(&events, AnswerId(1)).await;
        tokio::time::advance(FLUSH_EVERY * 2).await;
        batch.add(token("d"));
        assert_eq!(batch.due(), Instant::now() + FOR_MORE);
    }
}
