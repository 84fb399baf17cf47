//! What users have noted about responses: in a table of its own, so that no response changes.

use rusqlite::{Connection, params};

use super::fault::Fault;
use super::read;
use crate::forest::{Annotation, ConversationId, Response, ResponseId};

type Result<T> = std::result::Result<T, Fault>;

/// Sets all that is noted about a response.
pub(super) fn annotate(
    connection: &Connection,
    id: &ConversationId,
    response: &ResponseId,
    annotation: &Annotation,
) -> Result<Response> {
    let (conversation, _) = read::conversation(connection, id)?;
    let key = read::known_response(connection, conversation, (id, response))?;
    if annotation.is_empty() {
        connection.prepare_cached("DELETE FROM annotation WHERE response = ?")?.execute([key])?;
    } else {
        let Annotation { starred, label, note, archived } = annotation;
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO annotation \
                 (response, conversation, starred, label, note, archived) \
                 VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![key, conversation, starred, label, note, archived])?;
    }
    read::response_by_key(connection, key)
}

/// What is noted about the responses of a conversation, oldest key first.
pub(super) fn annotations(
    connection: &Connection,
    id: &ConversationId,
) -> Result<Vec<(ResponseId, Annotation)>> {
    let (conversation, _) = read::conversation(connection, id)?;
    let mut statement = connection.prepare_cached(
        "SELECT r.id, a.starred, a.label, a.note, a.archived FROM annotation a \
         CROSS JOIN response r ON r.key = a.response WHERE a.conversation = ? ORDER BY a.response",
    )?;
    let rows = statement.query_map([conversation], |row| {
        let id = ResponseId::parse(row.get_ref(0)?.as_str()?);
        let annotation = Annotation {
            starred: row.get(1)?,
            label: row.get(2)?,
            note: row.get(3)?,
            archived: row.get(4)?,
        };
        Ok((id.ok_or(rusqlite::Error::InvalidQuery)?, annotation))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
