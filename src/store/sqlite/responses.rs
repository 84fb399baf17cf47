//! All responses of a conversation, part by part while later ones are still read.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::mpsc;

use super::annotation;
use super::fault::Fault;
use super::read::{self, RESPONSE, Stored};
use crate::forest::{Conversation, ConversationId, Names, Response, ResponseId};
use crate::store::{self, Reading};

type Result<T> = std::result::Result<T, Fault>;

/// Responses in a part.
const PART: usize = 256;
/// Room that is made for responses before any was read: the number comes from the file.
const MOST_EXPECTED: usize = 1 << 20;

/// What [`send`] needs to go on where [`begin`] ended.
pub(super) struct Rest {
    /// Its key, and how many responses are noted for it.
    conversation: (i64, usize),
    parts: mpsc::Sender<store::Result<Vec<Response>>>,
}

/// A conversation whose responses follow.
pub(super) fn begin(connection: &Connection, id: &ConversationId) -> Result<(Reading, Rest)> {
    let (key, conversation) = read::conversation(connection, id)?;
    let annotations = annotation::annotations(connection, id)?;
    // Room for all parts, and for the word that something failed: a slow receiver holds up nobody who
    // wants to read after it. Were there more than is noted, this thread would wait for room.
    let count = count_of(&conversation);
    let (sender, responses) = mpsc::channel(count / PART + 2);
    let reading = Reading { conversation, annotations, responses };
    Ok((reading, Rest { conversation: (key, count), parts: sender }))
}

/// Sends the responses, part by part, until all are sent or nobody wants them any more.
pub(super) fn send(connection: &Connection, rest: &Rest, file: &Path) {
    let Rest { conversation, parts } = rest;
    let mut part = Vec::new();
    let read = each(connection, *conversation, |row| {
        if part.is_empty() {
            part.reserve_exact(PART);
        }
        part.push(row.response);
        part.len() < PART || parts.blocking_send(Ok(std::mem::take(&mut part))).is_ok()
    });
    let last = match read {
        Ok(()) if part.is_empty() => return,
        Ok(()) => Ok(part),
        Err(fault) => Err(fault.in_words(file)),
    };
    // Nobody wants it any more.
    let _ = parts.blocking_send(last);
}

/// How many responses are noted for a conversation, which is for all we know how many there are.
fn count_of(conversation: &Conversation) -> usize {
    usize::try_from(conversation.response_count).unwrap_or_default()
}

/// Hands over all responses of a conversation, given by its key and their number, in the order in which they were kept,
/// until `take` says that it has enough.
fn each(
    connection: &Connection,
    (conversation, count): (i64, usize),
    mut take: impl FnMut(Stored) -> bool,
) -> Result<()> {
    // The index leads to the rows in the order of their keys, so pages are read once each.
    let sql = format!(
        "SELECT {RESPONSE} FROM response INDEXED BY response_conversation WHERE conversation = ?"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([conversation])?;
    let mut names = Names::default();
    // Rows name their parents by key.
    let mut known: Vec<(i64, ResponseId)> = Vec::with_capacity(count.min(MOST_EXPECTED));
    while let Some(row) = rows.next()? {
        let mut row = Stored::read(row, &mut names)?;
        if row.response.partial {
            read::arrived(connection, row.key, &mut row.response.message)?;
        }
        known.push((row.key, row.response.id.clone()));
        if let Some(parent) = row.parent {
            row.response.parent = match known.binary_search_by_key(&parent, |(key, _)| *key) {
                Ok(at) => Some(known[at].1.clone()),
                Err(_) => kept_later(connection, conversation, parent)?,
            };
        }
        if !take(row) {
            break;
        }
    }
    Ok(())
}

/// A parent that was kept after its child.
fn kept_later(
    connection: &Connection,
    conversation: i64,
    key: i64,
) -> rusqlite::Result<Option<ResponseId>> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM response WHERE key = ? AND conversation = ?")?;
    let id = |row: &rusqlite::Row<'_>| Ok(ResponseId::parse(row.get_ref(0)?.as_str()?));
    Ok(statement.query_row(params![key, conversation], id).optional()?.flatten())
}
