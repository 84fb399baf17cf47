//! Takes one or several answers at once and hands every step to whoever shows it.

use anyhow::Result;
use futures::future::join_all;
use futures::stream::{SelectAll, select_all};
use futures::{Stream, StreamExt as _};

use super::Plan;
use super::events::Events;
use super::kept::{self, Kept};
use super::print::Printer;
use crate::cli::output::Out;
use crate::cli::{DONE, FAILED};
use crate::client::{Answer, AnswerStream, Client, Error};
use crate::forest::ResponseId;

/// Most steps shown between two flushes.
const BATCH: usize = 256;

/// Shows the steps of the answers.
pub(super) trait Show {
    /// A step, or the failure, of the answer of that index.
    fn step(&mut self, out: &mut Out, index: usize, step: Result<Answer, Error>) -> Result<()>;
}

/// The steps of all answers, each with the index of its answer.
type Steps = SelectAll<futures::stream::BoxStream<'static, (usize, Result<Answer, Error>)>>;

/// Takes the answers; says whether all arrived.
pub(super) async fn take(
    client: &Client,
    plan: &Plan,
    json: bool,
    (out, kept): (&mut Out, &mut Kept),
) -> Result<u8> {
    let mut show: Box<dyn Show> =
        if json { Box::new(Events::new(plan)) } else { Box::new(Printer::new(plan.answers)) };
    let mut failed = false;
    let mut first = match client.add_response(plan.request(0)).await {
        Ok(first) => first,
        Err(error) => {
            show.step(out, 0, Err(error))?;
            return Ok(FAILED);
        }
    };
    // The others are siblings of the first, so they need the human response it stores.
    let parent = match kept::answered(&plan.request) {
        Some(parent) => parent,
        None => match user_response(&mut first, (out, kept), &mut *show).await? {
            Some(id) => id,
            None => return Ok(FAILED),
        },
    };
    let mut steps = indexed(0, first);
    for (index, stream) in others(client, plan, parent).await {
        match stream {
            Ok(stream) => steps.extend(indexed(index, stream)),
            Err(error) => {
                failed = true;
                show.step(out, index, Err(error))?;
            }
        }
    }
    out.flush()?;
    let mut batches = steps.ready_chunks(BATCH);
    while let Some(batch) = batches.next().await {
        for (index, step) in batch {
            failed |= step.is_err();
            kept.step(&step);
            show.step(out, index, step)?;
        }
        out.flush()?;
    }
    Ok(if failed { FAILED } else { DONE })
}

/// Reads up to the stored human response; `None` after a failure, which was shown.
async fn user_response(
    first: &mut AnswerStream,
    (out, kept): (&mut Out, &mut Kept),
    show: &mut dyn Show,
) -> Result<Option<ResponseId>> {
    while let Some(step) = first.next().await {
        kept.step(&step);
        let user = match &step {
            Ok(Answer::User(response)) => Some(response.id.clone()),
            Ok(_) => None,
            Err(_) => {
                show.step(out, 0, step)?;
                return Ok(None);
            }
        };
        show.step(out, 0, step)?;
        if user.is_some() {
            return Ok(user);
        }
    }
    Ok(None)
}

/// Begins all answers but the first.
async fn others(
    client: &Client,
    plan: &Plan,
    parent: ResponseId,
) -> Vec<(usize, Result<AnswerStream, Error>)> {
    join_all((1..plan.answers).map(|index| {
        let mut request = plan.request(index);
        request.message = String::new();
        request.images = Vec::new();
        request.parent = Some(parent.clone());
        async move { (index, client.add_response(request).await) }
    }))
    .await
}

fn indexed(
    index: usize,
    stream: impl Stream<Item = Result<Answer, Error>> + Send + 'static,
) -> Steps {
    select_all([stream.map(move |step| (index, step)).boxed()])
}
