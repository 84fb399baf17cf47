//! Search: what goes into the full-text index, and how a user's words become a query that is
//! always well formed. Scripts without spaces are indexed character by character, so that any
//! part of their words is found.

use std::borrow::Cow;
use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::fault::Fault;
use super::read::{CONVERSATION, conversation_of};
use crate::store::{Error, Page, PageRequest};

type Result<T> = std::result::Result<T, Fault>;

/// So much of a message is indexed, in bytes; beyond it nobody looks for words.
const INDEXED: usize = 1 << 20;

/// Makes a message findable, in place of what it was before.
pub(super) fn index_message(connection: &Connection, response: i64, message: &str) -> Result<()> {
    if !message.is_empty() {
        connection
            .prepare_cached("INSERT OR REPLACE INTO message_index (rowid, text) VALUES (?, ?)")?
            .execute(params![response, indexable(message)])?;
    }
    Ok(())
}

/// Makes a title findable, in place of what it was before.
pub(super) fn index_title(connection: &Connection, conversation: i64, title: &str) -> Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO title_index (rowid, text) VALUES (?, ?)")?
        .execute(params![conversation, indexable(title)])?;
    Ok(())
}

/// Conversations whose title matches, the newest first, then those with a matching response, the
/// one with the newest such response first.
pub(super) fn search(connection: &Connection, query: &str, page: &PageRequest) -> Result<Page> {
    let from = match &page.token {
        Some(token) => token.parse::<usize>().map_err(|_| Error::BadPageToken)?,
        None => 0,
    };
    let size = page.size.map_or(usize::MAX, |size| size.max(1));
    if query.trim().is_empty() {
        return Ok(Page::default());
    }
    let wanted = from.saturating_add(size).saturating_add(1);
    let found = matching(connection, query, wanted)?;
    let sql = format!("SELECT {CONVERSATION} FROM conversation WHERE key = ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let conversations = found
        .iter()
        .skip(from)
        .take(size)
        .map(|key| Ok(statement.query_row([key], conversation_of)?.1))
        .collect::<Result<Vec<_>>>()?;
    let end = from.saturating_add(size);
    Ok(Page { conversations, next: (found.len() > end).then(|| end.to_string()) })
}

/// Keys of the first `wanted` conversations that match.
fn matching(connection: &Connection, query: &str, wanted: usize) -> Result<Vec<i64>> {
    let mut found = Found { keys: Vec::new(), seen: HashSet::new(), wanted };
    match match_expression(query) {
        Some(expression) => {
            found.collect(
                connection,
                "SELECT c.key FROM title_index t JOIN conversation c ON c.key = t.rowid \
                 WHERE title_index MATCH ? AND c.deleted_time IS NULL ORDER BY t.rowid DESC",
                &expression,
            )?;
            found.collect(
                connection,
                "SELECT c.key FROM message_index m CROSS JOIN response r ON r.key = m.rowid \
                 CROSS JOIN conversation c ON c.key = r.conversation \
                 WHERE message_index MATCH ? AND c.deleted_time IS NULL ORDER BY m.rowid DESC",
                &expression,
            )?;
        }
        // Nothing but signs, which the index does not know.
        None => {
            let pattern = like_pattern(query);
            found.collect(
                connection,
                "SELECT key FROM conversation \
                 WHERE title LIKE ? ESCAPE '\\' AND deleted_time IS NULL ORDER BY key DESC",
                &pattern,
            )?;
            found.collect(
                connection,
                "SELECT c.key FROM response r CROSS JOIN conversation c ON c.key = r.conversation \
                 WHERE r.message LIKE ? ESCAPE '\\' AND c.deleted_time IS NULL ORDER BY r.key DESC",
                &pattern,
            )?;
        }
    }
    Ok(found.keys)
}

struct Found {
    keys: Vec<i64>,
    seen: HashSet<i64>,
    wanted: usize,
}

impl Found {
    /// Reads only as far as it must.
    fn collect(&mut self, connection: &Connection, sql: &str, text: &str) -> Result<()> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([text])?;
        while self.keys.len() < self.wanted {
            let Some(row) = rows.next()? else { break };
            let key = row.get(0)?;
            if self.seen.insert(key) {
                self.keys.push(key);
            }
        }
        Ok(())
    }
}

/// The full-text query for what a user typed: all words must occur, quotes hold a phrase together,
/// and the last word may be the beginning of one. `None` if there is no word in it.
fn match_expression(query: &str) -> Option<String> {
    let mut expression = String::new();
    let mut prefix = false;
    // Every second part stands in quotes.
    for (number, part) in query.replace('\0', " ").split('"').enumerate() {
        let quoted = number % 2 == 1;
        let words: Vec<&str> = if quoted { vec![part] } else { part.split_whitespace().collect() };
        for word in words.into_iter().filter(|word| word.contains(char::is_alphanumeric)) {
            if !expression.is_empty() {
                expression.push(' ');
            }
            expression.push('"');
            expression.push_str(&indexable(word));
            expression.push('"');
            prefix = !quoted && begins_a_word(word);
        }
    }
    if prefix {
        expression.push('*');
    }
    (!expression.is_empty()).then_some(expression)
}

/// Whether more letters may follow: one letter alone would begin nearly everything.
fn begins_a_word(word: &str) -> bool {
    let last_part = word.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    last_part.chars().nth(1).is_some() && !last_part.contains(has_no_spaces)
}

fn like_pattern(query: &str) -> String {
    let mut pattern = String::from("%");
    for c in query.trim().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// The text as it goes into the index.
fn indexable(text: &str) -> Cow<'_, str> {
    let text = &text[..text.floor_char_boundary(INDEXED)];
    if !text.contains(has_no_spaces) {
        return Cow::Borrowed(text);
    }
    let mut spaced = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if has_no_spaces(c) {
            spaced.extend([' ', c, ' ']);
        } else {
            spaced.push(c);
        }
    }
    Cow::Owned(spaced)
}

/// Thai to Khmer, Han, Kana and their like: scripts that do not part words by spaces.
fn has_no_spaces(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_phrases_and_beginnings() {
        let expression = |query| match_expression(query).unwrap_or_default();
        assert_eq!(expression("second la"), "\"second\" \"la\"*");
        assert_eq!(expression("\"second law\""), "\"second law\"");
        assert_eq!(expression("a \"b c"), "\"a\" \"b c\"");
        assert_eq!(expression("x"), "\"x\"");
        assert_eq!(expression("foo-bar NOT (baz)"), "\"foo-bar\" \"NOT\" \"(baz)\"");
        assert_eq!(expression("熱力学"), "\" 熱  力  学 \"");
        assert_eq!(expression("-> \"\" *"), "");
    }

    proptest! {
        #[test]
        fn no_query_is_ill_formed(query in "[\\PC\0\"*^:(){}+\\- ]{0,30}|.{0,30}") {
            let connection = Connection::open_in_memory().unwrap();
            connection.execute_batch("CREATE VIRTUAL TABLE i USING fts5 (text, prefix = '2 3')").unwrap();
            if let Some(expression) = match_expression(&query) {
                let count = connection.query_row(
                    "SELECT count(*) FROM i WHERE i MATCH ?", [expression], |row| row.get::<_, i64>(0),
                );
                prop_assert_eq!(count.unwrap(), 0);
            }
        }
    }
}
