//! Answers that a killed program has left in pieces. They are read as they are; only search has to
//! be told of them, because the text of an answer is indexed when it ends.

use rusqlite::{Connection, params};

use super::fault::Fault;
use super::{read, search};
use crate::forest::Time;

type Result<T> = std::result::Result<T, Fault>;

/// Makes what was begun before `opened` and has not ended findable. Its pieces are joined to one,
/// which says that it has been done: where another program is still at it, more pieces follow, and
/// the next time does it again.
pub(super) fn index(connection: &Connection, opened: Time) -> Result<()> {
    let mut left = connection.prepare_cached(
        "SELECT response, max(number) FROM piece JOIN response ON response.key = response \
         WHERE create_time < ? GROUP BY response \
         HAVING count(*) > 1 OR response NOT IN (SELECT rowid FROM message_index)",
    )?;
    let left = left
        .query_map([opened.0], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
    for (response, last) in left {
        let message = read::response_by_key(connection, response)?.message;
        search::index_message(connection, response, &message)?;
        join(connection, response, last)?;
    }
    Ok(())
}

/// Replaces the pieces of a response by one of the same text and tokens.
fn join(connection: &Connection, response: i64, last: i64) -> Result<()> {
    let (mut text, mut tokens) = (String::new(), Vec::new());
    let mut pieces = connection
        .prepare_cached("SELECT text, tokens FROM piece WHERE response = ? ORDER BY number")?;
    let mut rows = pieces.query([response])?;
    while let Some(row) = rows.next()? {
        text.push_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
        tokens.extend(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?);
    }
    connection.prepare_cached("DELETE FROM piece WHERE response = ?")?.execute([response])?;
    connection
        .prepare_cached("INSERT INTO piece (response, number, text, tokens) VALUES (?, ?, ?, ?)")?
        .execute(params![response, last, text, tokens])?;
    Ok(())
}
