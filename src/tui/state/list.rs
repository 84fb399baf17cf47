//! The list of conversations: all of them or what a search found, and the cursor in it.

use crate::forest::{Conversation, ConversationId};

/// The list as far as it was loaded.
#[derive(Debug, Default)]
pub struct List {
    /// Starred first, then the one changed last; the order of the service while searching.
    pub conversations: Vec<Conversation>,
    /// What they were searched for.
    pub query: Option<String>,
    /// The one under the cursor.
    pub cursor: usize,
    /// Whether there is more to come.
    pub loading: bool,
    /// Why no more came, though there may be more; empty if nothing failed.
    pub failure: String,
}

impl List {
    /// The conversation under the cursor.
    #[must_use]
    pub fn at_cursor(&self) -> Option<&Conversation> {
        self.conversations.get(self.cursor)
    }

    /// The conversation of that name.
    #[must_use]
    pub fn get(&self, id: &ConversationId) -> Option<&Conversation> {
        self.conversations.iter().find(|conversation| conversation.id == *id)
    }

    /// Takes in a part of the list. The cursor stays on its conversation.
    pub fn load(&mut self, conversations: Vec<Conversation>, first: bool, more: bool) {
        let under = self.at_cursor().map(|conversation| conversation.id.clone());
        if first {
            self.conversations = conversations;
        } else {
            self.conversations.extend(conversations);
        }
        self.loading = more;
        self.failure.clear();
        self.keep_cursor(under);
    }

    /// Puts a conversation, new or changed, where it belongs.
    pub fn put(&mut self, conversation: Conversation) {
        let under = self.at_cursor().map(|conversation| conversation.id.clone());
        let known = self.conversations.iter().position(|c| c.id == conversation.id);
        if self.query.is_some() {
            if let Some(index) = known {
                self.conversations[index] = conversation;
            }
            return;
        }
        if let Some(index) = known {
            self.conversations.remove(index);
        }
        let key = |c: &Conversation| (c.starred, c.modify_time);
        let index = self.conversations.partition_point(|c| key(c) > key(&conversation));
        self.conversations.insert(index, conversation);
        self.keep_cursor(under);
    }

    /// Takes a conversation out.
    pub fn remove(&mut self, id: &ConversationId) {
        self.conversations.retain(|conversation| conversation.id != *id);
        self.cursor = self.cursor.min(self.conversations.len().saturating_sub(1));
    }

    /// Moves the cursor to a conversation, if it is there.
    pub fn point_to(&mut self, id: &ConversationId) {
        if let Some(index) = self.conversations.iter().position(|c| c.id == *id) {
            self.cursor = index;
        }
    }

    /// Moves the cursor by rows.
    pub fn move_cursor(&mut self, by: isize) {
        let last = self.conversations.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    /// The first row to show where `height` rows have room.
    #[must_use]
    pub fn top(&self, height: usize) -> usize {
        let last_top = self.conversations.len().saturating_sub(height);
        self.cursor.saturating_sub(height / 2).min(last_top)
    }

    fn keep_cursor(&mut self, under: Option<ConversationId>) {
        match under {
            Some(id) => self.point_to(&id),
            None => self.cursor = 0,
        }
        self.cursor = self.cursor.min(self.conversations.len().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Time;

    fn conversation(name: &str, starred: bool, time: i64) -> Conversation {
        Conversation {
            id: ConversationId::parse(name).unwrap(),
            title: name.to_owned(),
            starred,
            create_time: Time(time),
            modify_time: Time(time),
            settings: Default::default(),
            response_count: 0,
        }
    }

    fn names(list: &List) -> Vec<&str> {
        list.conversations.iter().map(|c| c.title.as_str()).collect()
    }

    #[test]
    fn changed_conversations_move_to_their_place_and_the_cursor_stays() {
        let mut list = List::default();
        for (name, starred, time) in [("a", false, 1), ("b", true, 2), ("c", false, 3)] {
            list.put(conversation(name, starred, time));
        }
        assert_eq!(names(&list), ["b", "c", "a"]);
        list.point_to(&ConversationId::parse("c").unwrap());
        list.put(conversation("a", true, 4));
        assert_eq!(names(&list), ["a", "b", "c"]);
        assert_eq!(list.at_cursor().unwrap().title, "c");
        list.remove(&ConversationId::parse("c").unwrap());
        assert_eq!(list.at_cursor().unwrap().title, "b");
    }
}
