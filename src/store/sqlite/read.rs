//! What is read: conversations, responses, paths, tokens. Rows become domain values here.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::fault::Fault;
use super::{details, tokens};
use crate::forest::{
    Conversation, ConversationId, Names, Response, ResponseId, Settings, Time, Token,
};
use crate::store::{Error, Page, PageRequest};

type Result<T> = std::result::Result<T, Fault>;

/// The columns that `conversation_of` reads, in its order.
pub(super) const CONVERSATION: &str = "key, id, title, starred, create_time, modify_time, system_prompt_name, response_count, model, \
     sampling";

/// The columns that `Stored::read` reads, in its order.
pub(super) const RESPONSE: &str = "key, id, parent, lost_parent, sender, create_time, manual, partial, \
                        shared, model, edited_from, details, message";

/// A conversation and its key, from the columns of `CONVERSATION`.
pub(super) fn conversation_of(row: &Row<'_>) -> rusqlite::Result<(i64, Conversation)> {
    let id: &str = row.get_ref(1)?.as_str()?;
    let sampling = row.get_ref(9)?.as_str_or_null()?;
    let conversation = Conversation {
        id: ConversationId::parse(id).ok_or(rusqlite::Error::InvalidQuery)?,
        title: row.get(2)?,
        starred: row.get(3)?,
        create_time: Time(row.get(4)?),
        modify_time: Time(row.get(5)?),
        response_count: u64::try_from(row.get::<_, i64>(7)?).unwrap_or_default(),
        settings: Settings {
            system_prompt_name: row.get(6)?,
            model: row.get(8)?,
            sampling: sampling.map(details::decode_sampling).unwrap_or_default(),
        },
    };
    Ok((row.get(0)?, conversation))
}

/// A conversation that is not in the trash, and its key.
pub(super) fn conversation(
    connection: &Connection,
    id: &ConversationId,
) -> Result<(i64, Conversation)> {
    let sql =
        format!("SELECT {CONVERSATION} FROM conversation WHERE id = ? AND deleted_time IS NULL");
    let found =
        connection.prepare_cached(&sql)?.query_row([id.to_string()], conversation_of).optional()?;
    found.ok_or_else(|| Error::NoConversation(id.clone()).into())
}

/// Conversations that are not in the trash.
pub(super) fn list(connection: &Connection, page: &PageRequest) -> Result<Page> {
    let size = page.size.map_or(usize::MAX, |size| size.max(1));
    let limit = i64::try_from(size).ok().and_then(|size| size.checked_add(1)).unwrap_or(-1);
    let (starred, modified, key) = match &page.token {
        Some(token) => list_token(token).ok_or(Error::BadPageToken)?,
        None => (i64::MAX, i64::MAX, i64::MAX),
    };
    let sql = format!(
        "SELECT {CONVERSATION} FROM conversation WHERE deleted_time IS NULL \
         AND (starred, modify_time, key) < (?, ?, ?) \
         ORDER BY starred DESC, modify_time DESC, key DESC LIMIT ?"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![starred, modified, key, limit], conversation_of)?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let next = (rows.len() > size).then(|| rows.truncate(size)).and_then(|()| {
        let (key, last) = rows.last()?;
        Some(format!("{}.{}.{key}", i64::from(last.starred), last.modify_time.0))
    });
    Ok(Page { conversations: rows.into_iter().map(|(_, found)| found).collect(), next })
}

fn list_token(token: &str) -> Option<(i64, i64, i64)> {
    let mut numbers = token.split('.').map(|number| number.parse().ok());
    let place = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(place)
}

/// The trash.
pub(super) fn deleted(connection: &Connection) -> Result<Vec<(Conversation, Time)>> {
    let sql = format!(
        "SELECT {CONVERSATION}, deleted_time FROM conversation WHERE deleted_time IS NOT NULL \
         ORDER BY deleted_time DESC, key DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map((), |row| Ok((conversation_of(row)?.1, Time(row.get(10)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The text of a system prompt that was kept.
pub(super) fn system_prompt(connection: &Connection, name: &str) -> Result<Option<String>> {
    let mut statement =
        connection.prepare_cached("SELECT text FROM system_prompt WHERE name = ?")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// A response as its row has it, before its parent's name is known.
pub(super) struct Stored {
    pub(super) key: i64,
    pub(super) parent: Option<i64>,
    pub(super) response: Response,
}

impl Stored {
    /// The response of a row; names that many rows share are kept once.
    pub(super) fn read(row: &Row<'_>, names: &mut Names) -> rusqlite::Result<Self> {
        let id = ResponseId::parse(row.get_ref(1)?.as_str()?);
        let optional_id = |column| -> rusqlite::Result<Option<ResponseId>> {
            Ok(row.get_ref(column)?.as_str_or_null()?.and_then(ResponseId::parse))
        };
        let response = Response {
            id: id.ok_or(rusqlite::Error::InvalidQuery)?,
            parent: optional_id(3)?,
            message: row.get(12)?,
            sender: names.sender(row.get_ref(4)?.as_str()?),
            create_time: Time(row.get(5)?),
            manual: row.get(6)?,
            partial: row.get(7)?,
            shared: row.get(8)?,
            model: names.model(row.get_ref(9)?.as_str()?),
            edited_from: optional_id(10)?,
            details: row.get_ref(11)?.as_str_or_null()?.and_then(details::decode),
        };
        Ok(Self { key: row.get(0)?, parent: row.get(2)?, response })
    }
}

/// The key of a response.
pub(super) fn response_key(
    connection: &Connection,
    conversation: i64,
    id: &ResponseId,
) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT key FROM response WHERE conversation = ? AND id = ?")?
        .query_row(params![conversation, id.to_string()], |row| row.get(0))
        .optional()
}

/// The key of a response that must be there.
pub(super) fn known_response(
    connection: &Connection,
    conversation: i64,
    names: (&ConversationId, &ResponseId),
) -> Result<i64> {
    let (conversation_id, response_id) = names;
    response_key(connection, conversation, response_id)?.ok_or_else(|| {
        let (conversation, response) = (conversation_id.clone(), response_id.clone());
        Error::NoResponse { conversation, response }.into()
    })
}

/// One response.
pub(super) fn response(
    connection: &Connection,
    id: &ConversationId,
    response: &ResponseId,
) -> Result<Response> {
    let (conversation, _) = conversation(connection, id)?;
    let key = known_response(connection, conversation, (id, response))?;
    response_by_key(connection, key)
}

/// One response, with all that has arrived of it.
pub(super) fn response_by_key(connection: &Connection, key: i64) -> Result<Response> {
    let Stored { parent, mut response, .. } = row_by_key(connection, key, &mut Names::default())?;
    if let Some(parent) = parent {
        let parent: String = connection
            .prepare_cached("SELECT id FROM response WHERE key = ?")?
            .query_row([parent], |row| row.get(0))?;
        response.parent = ResponseId::parse(&parent);
    }
    Ok(response)
}

fn row_by_key(connection: &Connection, key: i64, names: &mut Names) -> Result<Stored> {
    let sql = format!("SELECT {RESPONSE} FROM response WHERE key = ?");
    let mut stored =
        connection.prepare_cached(&sql)?.query_row([key], |row| Stored::read(row, names))?;
    if stored.response.partial {
        arrived(connection, key, &mut stored.response.message)?;
    }
    Ok(stored)
}

/// The responses from the root to `leaf`. A circle of parents, which only a foreign program can
/// have made, ends the path.
pub(super) fn path(
    connection: &Connection,
    id: &ConversationId,
    leaf: &ResponseId,
) -> Result<Vec<Response>> {
    let (conversation, _) = conversation(connection, id)?;
    let mut next = Some(known_response(connection, conversation, (id, leaf))?);
    let mut path: Vec<Response> = Vec::new();
    let mut seen = HashSet::new();
    let mut names = Names::default();
    while let Some(key) = next.filter(|key| seen.insert(*key)) {
        let stored = row_by_key(connection, key, &mut names)?;
        if let Some(child) = path.last_mut() {
            child.parent = Some(stored.response.id.clone());
        }
        path.push(stored.response);
        next = stored.parent;
    }
    path.reverse();
    Ok(path)
}

/// The keys from `leaf` up to the root.
pub(super) fn path_keys(connection: &Connection, leaf: i64) -> Result<Vec<i64>> {
    let mut statement = connection.prepare_cached("SELECT parent FROM response WHERE key = ?")?;
    let mut seen = HashSet::new();
    let mut keys = Vec::new();
    let mut next = Some(leaf);
    while let Some(key) = next.filter(|key| seen.insert(*key)) {
        keys.push(key);
        next = statement.query_row([key], |row| row.get(0))?;
    }
    Ok(keys)
}

/// Adds what has arrived since an answer was begun.
pub(super) fn arrived(
    connection: &Connection,
    key: i64,
    message: &mut String,
) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare_cached("SELECT text FROM piece WHERE response = ? ORDER BY number")?;
    let mut rows = statement.query([key])?;
    while let Some(row) = rows.next()? {
        message.push_str(row.get_ref(0)?.as_str()?);
    }
    Ok(())
}

/// The tokens of a response; none if none were recorded.
pub(super) fn tokens(
    connection: &Connection,
    id: &ConversationId,
    response: &ResponseId,
) -> Result<Vec<Token>> {
    let (conversation, _) = conversation(connection, id)?;
    let key = known_response(connection, conversation, (id, response))?;
    let whole = row_by_key(connection, key, &mut Names::default())?.response.message;
    let blob = token_blob(connection, key)?;
    tokens::decode(&blob, &whole).map_err(|tokens::Corrupt| {
        Error::Internal(format!("the tokens of response {response} are damaged")).into()
    })
}

/// The chunks of all tokens that are known of a response; empty if there are none.
pub(super) fn token_blob(connection: &Connection, key: i64) -> Result<Vec<u8>> {
    let ended: Option<Vec<u8>> = connection
        .prepare_cached("SELECT tokens FROM tokens WHERE response = ?")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    let mut blob = match ended {
        Some(blob) => blob,
        None => {
            let bytes: i64 = connection
                .prepare_cached("SELECT octet_length(message) FROM response WHERE key = ?")?
                .query_row([key], |row| row.get(0))?;
            tokens::skip(usize::try_from(bytes).unwrap_or_default())
        }
    };
    let mut statement =
        connection.prepare_cached("SELECT tokens FROM piece WHERE response = ? ORDER BY number")?;
    let mut rows = statement.query([key])?;
    while let Some(row) = rows.next()? {
        blob.extend(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
    }
    Ok(blob)
}
