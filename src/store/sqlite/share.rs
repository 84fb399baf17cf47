//! Shared paths: what is public, and under which id.

use rusqlite::{Connection, OptionalExtension, params};

use super::fault::Fault;
use super::read;
use crate::forest::{ConversationId, ResponseId};
use crate::store::{SharedPath, SharedStep};

type Result<T> = std::result::Result<T, Fault>;

pub(super) fn share(
    connection: &Connection,
    id: &ConversationId,
    response: &ResponseId,
) -> Result<String> {
    let (conversation, _) = read::conversation(connection, id)?;
    let leaf = read::known_response(connection, conversation, (id, response))?;
    mark(connection, leaf)?;
    // Random in all bits: nobody finds it by guessing. A path shared again keeps its address.
    let fresh = uuid::Uuid::new_v4().to_string();
    connection
        .prepare_cached("INSERT INTO share (response, id) VALUES (?, ?) ON CONFLICT DO NOTHING")?
        .execute(params![leaf, fresh])?;
    Ok(connection
        .prepare_cached("SELECT id FROM share WHERE response = ?")?
        .query_row([leaf], |row| row.get(0))?)
}

fn mark(connection: &Connection, leaf: i64) -> Result<()> {
    let mut mark =
        connection.prepare_cached("UPDATE response SET shared = 1 WHERE key = ? AND shared = 0")?;
    for key in read::path_keys(connection, leaf)? {
        mark.execute([key])?;
    }
    Ok(())
}

pub(super) fn unshare(
    connection: &Connection,
    id: &ConversationId,
    response: Option<&ResponseId>,
) -> Result<Vec<String>> {
    let (conversation, _) = read::conversation(connection, id)?;
    let leaf = match response {
        Some(response) => Some(read::known_response(connection, conversation, (id, response))?),
        None => None,
    };
    let shares = of_conversation(connection, conversation)?;
    let (gone, kept): (Vec<_>, Vec<_>) =
        shares.into_iter().partition(|(key, _)| leaf.is_none_or(|leaf| leaf == *key));
    let mut delete = connection.prepare_cached("DELETE FROM share WHERE response = ?")?;
    for (key, _) in &gone {
        delete.execute([key])?;
    }
    // What another share shows stays marked.
    connection
        .prepare_cached("UPDATE response SET shared = 0 WHERE conversation = ? AND shared = 1")?
        .execute([conversation])?;
    for (key, _) in &kept {
        mark(connection, *key)?;
    }
    Ok(gone.into_iter().map(|(_, id)| id).collect())
}

/// The public ids of a conversation, whether it is in the trash or not.
pub(super) fn shares(connection: &Connection, id: &ConversationId) -> Result<Vec<String>> {
    let conversation = connection
        .prepare_cached("SELECT key FROM conversation WHERE id = ?")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    let Some(conversation) = conversation else { return Ok(Vec::new()) };
    let shares = of_conversation(connection, conversation)?;
    Ok(shares.into_iter().map(|(_, id)| id).collect())
}

/// The responses up to which paths of a conversation are shared, and under which ids.
fn of_conversation(
    connection: &Connection,
    conversation: i64,
) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.response, s.id FROM share s JOIN response r ON r.key = s.response \
         WHERE r.conversation = ?",
    )?;
    statement.query_map([conversation], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// A conversation in the trash is not public.
pub(super) fn shared(connection: &Connection, id: &str) -> Result<Option<SharedPath>> {
    let found: Option<(String, String, String, i64)> = connection
        .prepare_cached(
            "SELECT c.id, c.title, r.id, r.key FROM share s JOIN response r ON r.key = s.response \
             JOIN conversation c ON c.key = r.conversation \
             WHERE s.id = ? AND c.deleted_time IS NULL",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((conversation, title, leaf, key)) = found else { return Ok(None) };
    let (Some(conversation), Some(leaf)) =
        (ConversationId::parse(&conversation), ResponseId::parse(&leaf))
    else {
        return Ok(None);
    };
    let responses = read::path(connection, &conversation, &leaf)?;
    let mut keys = read::path_keys(connection, key)?;
    keys.reverse();
    let mut position = connection.prepare_cached(
        "SELECT count(*) FILTER (WHERE other.key <= own.key), count(*) \
         FROM response own JOIN response other INDEXED BY response_parent ON other.parent = own.parent \
         WHERE own.key = ?",
    )?;
    let mut root = connection.prepare_cached(
        "SELECT count(*) FILTER (WHERE other.key <= own.key), count(*) \
         FROM response own JOIN response other ON other.conversation = own.conversation \
         WHERE own.key = ? AND other.parent IS NULL",
    )?;
    let mut steps = Vec::with_capacity(responses.len());
    for (index, (key, response)) in keys.into_iter().zip(responses).enumerate() {
        let statement = if index == 0 { &mut root } else { &mut position };
        let (number, siblings): (i64, i64) =
            statement.query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (number, siblings) = (number.unsigned_abs(), siblings.unsigned_abs());
        steps.push(SharedStep { response, number, siblings });
    }
    Ok(Some(SharedPath { title, steps }))
}
