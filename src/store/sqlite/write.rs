//! What is written. Each function runs inside a savepoint of the writer's transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::fault::Fault;
use super::read::{self, conversation_of};
use super::{details, search, tokens};
use crate::forest::{Conversation, ConversationId, Response, ResponseId, Settings, Time, Token};
use crate::store::{Error, Outcome};

type Result<T> = std::result::Result<T, Fault>;

pub(super) fn create_conversation(connection: &Connection, new: &Conversation) -> Result<()> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO conversation (id, title, starred, create_time, modify_time, \
             system_prompt_name, response_count, model, sampling) \
             VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?) \
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            new.id.to_string(),
            new.title,
            new.starred,
            new.create_time.0,
            new.modify_time.0,
            new.settings.system_prompt_name,
            new.settings.model,
            details::encode_sampling(&new.settings.sampling)
        ])?;
    if inserted == 0 {
        return Err(Error::Exists(format!("conversation {}", new.id)).into());
    }
    search::index_title(connection, connection.last_insert_rowid(), &new.title)
}

pub(super) fn update(
    connection: &Connection,
    id: &ConversationId,
    title: Option<&str>,
    starred: Option<bool>,
    now: Time,
) -> Result<Conversation> {
    let (key, before) = read::conversation(connection, id)?;
    let title = title.unwrap_or(&before.title);
    let starred = starred.unwrap_or(before.starred);
    let renamed = before.title != title;
    let modify_time = if renamed { before.modify_time.max(now) } else { before.modify_time };
    connection
        .prepare_cached(
            "UPDATE conversation SET title = ?, starred = ?, modify_time = ? WHERE key = ?",
        )?
        .execute(params![title, starred, modify_time.0, key])?;
    if renamed {
        search::index_title(connection, key, title)?;
    }
    let title = title.to_owned();
    Ok(Conversation { title, starred, modify_time, ..before })
}

pub(super) fn set_settings(
    connection: &Connection,
    id: &ConversationId,
    settings: Settings,
) -> Result<Conversation> {
    let (key, before) = read::conversation(connection, id)?;
    let Settings { system_prompt_name, model, sampling } = &settings;
    connection
        .prepare_cached(
            "UPDATE conversation SET system_prompt_name = ?, model = ?, sampling = ? WHERE key = ?",
        )?
        .execute(params![system_prompt_name, model, details::encode_sampling(sampling), key])?;
    Ok(Conversation { settings, ..before })
}

pub(super) fn keep_system_prompt(connection: &Connection, name: &str, text: &str) -> Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO system_prompt (name, text) VALUES (?, ?)")?
        .execute([name, text])?;
    Ok(())
}

pub(super) fn delete(connection: &Connection, id: &ConversationId, now: Time) -> Result<()> {
    let (key, _) = read::conversation(connection, id)?;
    connection
        .prepare_cached("UPDATE conversation SET deleted_time = ? WHERE key = ?")?
        .execute([now.0, key])?;
    Ok(())
}

/// One that is not in the trash is returned as it is.
pub(super) fn restore(connection: &Connection, id: &ConversationId) -> Result<Conversation> {
    let sql = format!(
        "UPDATE conversation SET deleted_time = NULL WHERE id = ? RETURNING {}",
        read::CONVERSATION
    );
    let restored =
        connection.prepare_cached(&sql)?.query_row([id.to_string()], conversation_of).optional()?;
    let (_, conversation) = restored.ok_or_else(|| Error::NoConversation(id.clone()))?;
    Ok(conversation)
}

pub(super) fn add(connection: &Connection, id: &ConversationId, new: &Response) -> Result<()> {
    let (conversation, _) = read::conversation(connection, id)?;
    if read::response_key(connection, conversation, &new.id)?.is_some() {
        return Err(Error::Exists(format!("response {}", new.id)).into());
    }
    let parent = match &new.parent {
        Some(parent) => read::response_key(connection, conversation, parent)?,
        None => None,
    };
    let lost_parent = new.parent.as_ref().filter(|_| parent.is_none());
    let key = insert(connection, conversation, (parent, lost_parent), new)?;
    // Children that came before their parent find it now.
    connection
        .prepare_cached(
            "UPDATE response SET parent = ?, lost_parent = NULL \
             WHERE conversation = ? AND lost_parent = ?",
        )?
        .execute(params![key, conversation, new.id.to_string()])?;
    connection
        .prepare_cached(
            "UPDATE conversation SET response_count = response_count + 1, \
             modify_time = max(modify_time, ?) WHERE key = ?",
        )?
        .execute([new.create_time.0, conversation])?;
    search::index_message(connection, key, &new.message)
}

fn insert(
    connection: &Connection,
    conversation: i64,
    (parent, lost_parent): (Option<i64>, Option<&ResponseId>),
    new: &Response,
) -> Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO response (conversation, id, parent, lost_parent, sender, create_time, \
             manual, partial, shared, model, edited_from, details, message) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            conversation,
            new.id.to_string(),
            parent,
            lost_parent.map(ToString::to_string),
            new.sender.as_str(),
            new.create_time.0,
            new.manual,
            new.partial,
            new.shared,
            new.model.as_ref(),
            new.edited_from.as_ref().map(ToString::to_string),
            details::encode(new.details.as_deref()),
            new.message
        ])?;
    Ok(connection.last_insert_rowid())
}

/// Also in the trash: what arrives is kept.
fn growing(
    connection: &Connection,
    conversation: &ConversationId,
    response: &ResponseId,
) -> Result<i64> {
    let key: Option<i64> = connection
        .prepare_cached("SELECT key FROM conversation WHERE id = ?")?
        .query_row([conversation.to_string()], |row| row.get(0))
        .optional()?;
    let key = key.ok_or_else(|| Error::NoConversation(conversation.clone()))?;
    let key = read::known_response(connection, key, (conversation, response))?;
    let partial: bool = connection
        .prepare_cached("SELECT partial FROM response WHERE key = ?")?
        .query_row([key], |row| row.get(0))?;
    if partial {
        Ok(key)
    } else {
        Err(Error::Internal(format!("response {response} is complete and cannot grow")).into())
    }
}

/// The answer's row and its first piece.
pub(super) fn begin(
    connection: &Connection,
    conversation: &ConversationId,
    new: &Response,
    text: &str,
    tokens: &[Token],
) -> Result<()> {
    add(connection, conversation, new)?;
    if text.is_empty() && tokens.is_empty() {
        return Ok(());
    }
    append(connection, conversation, &new.id, text, tokens)
}

pub(super) fn append(
    connection: &Connection,
    conversation: &ConversationId,
    response: &ResponseId,
    text: &str,
    tokens: &[Token],
) -> Result<()> {
    let key = growing(connection, conversation, response)?;
    connection
        .prepare_cached(
            "INSERT INTO piece (response, number, text, tokens) VALUES (?1, \
             (SELECT coalesce(max(number) + 1, 0) FROM piece WHERE response = ?1), ?2, ?3)",
        )?
        .execute(params![key, text, tokens::encode(text, tokens)])?;
    Ok(())
}

pub(super) fn finish(
    connection: &Connection,
    conversation: &ConversationId,
    response: &ResponseId,
    outcome: &Outcome,
) -> Result<Response> {
    let key = growing(connection, conversation, response)?;
    let blob = read::token_blob(connection, key)?;
    let mut whole = read::response_by_key(connection, key)?;
    connection
        .prepare_cached("UPDATE response SET partial = ?, details = ?, message = ? WHERE key = ?")?
        .execute(params![
            outcome.partial,
            details::encode(Some(&outcome.details)),
            whole.message,
            key
        ])?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO tokens (response, tokens) VALUES (?, ?)")?
        .execute(params![key, blob])?;
    connection.prepare_cached("DELETE FROM piece WHERE response = ?")?.execute([key])?;
    search::index_message(connection, key, &whole.message)?;
    whole.partial = outcome.partial;
    whole.details = (outcome.details != Default::default()).then(|| outcome.details.clone().into());
    Ok(whole)
}
