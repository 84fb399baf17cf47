-- Conversations, their responses, and what finds them again.
-- Times are microseconds since 1970 (UTC). Ids are kept as they came; the integer keys are ours.

CREATE TABLE conversation (
    key                INTEGER PRIMARY KEY,
    id                 TEXT NOT NULL UNIQUE,
    title              TEXT NOT NULL,
    starred            INTEGER NOT NULL,
    create_time        INTEGER NOT NULL,
    modify_time        INTEGER NOT NULL,
    deleted_time       INTEGER,            -- in the trash since
    system_prompt_name TEXT NOT NULL,
    response_count     INTEGER NOT NULL    -- kept here so that lists never touch the responses
) STRICT;

CREATE INDEX conversation_order ON conversation (starred DESC, modify_time DESC, key DESC)
    WHERE deleted_time IS NULL;
CREATE INDEX conversation_trash ON conversation (deleted_time DESC, key DESC)
    WHERE deleted_time IS NOT NULL;

-- The key grows with every insertion. The message stands last, so that a row's other values are
-- read without its overflow pages.
CREATE TABLE response (
    key          INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    id           TEXT NOT NULL,
    parent       INTEGER REFERENCES response (key),
    lost_parent  TEXT,                     -- id of a parent that is not (yet) there
    sender       TEXT NOT NULL,
    create_time  INTEGER NOT NULL,
    manual       INTEGER NOT NULL,
    partial      INTEGER NOT NULL,
    shared       INTEGER NOT NULL,
    model        TEXT NOT NULL,
    edited_from  TEXT,
    details      TEXT,                     -- JSON; NULL: none
    message      TEXT NOT NULL             -- without the pieces that still arrive
) STRICT;

CREATE UNIQUE INDEX response_id ON response (conversation, id);
CREATE INDEX response_conversation ON response (conversation);
CREATE INDEX response_parent ON response (parent) WHERE parent IS NOT NULL;
CREATE INDEX response_lost ON response (conversation, lost_parent) WHERE lost_parent IS NOT NULL;

-- What has arrived of an answer since it was begun; moved into the message when it ends.
CREATE TABLE piece (
    response INTEGER NOT NULL REFERENCES response (key) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    text     TEXT NOT NULL,
    tokens   BLOB NOT NULL,
    PRIMARY KEY (response, number)
) STRICT, WITHOUT ROWID;

-- The tokens of an ended answer. The format is described where it is written.
CREATE TABLE tokens (
    response INTEGER PRIMARY KEY REFERENCES response (key) ON DELETE CASCADE,
    tokens   BLOB NOT NULL
) STRICT;

-- Public ids of shared paths, by the path's last response.
CREATE TABLE share (
    response INTEGER PRIMARY KEY REFERENCES response (key) ON DELETE CASCADE,
    id       TEXT NOT NULL UNIQUE
) STRICT;

-- Search; the row ids are the keys of the responses and the conversations.
CREATE VIRTUAL TABLE message_index USING fts5 (
    text, content = '', contentless_delete = 1, prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE title_index USING fts5 (
    text, content = '', contentless_delete = 1, prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);
