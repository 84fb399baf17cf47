-- What a conversation's answers are sampled with where a request leaves it out.

ALTER TABLE conversation ADD COLUMN model TEXT NOT NULL DEFAULT '';  -- empty: the service's default
ALTER TABLE conversation ADD COLUMN sampling TEXT;                   -- JSON; NULL: none

-- The texts of system prompts that answers were sampled with, by NAME@VERSION.
CREATE TABLE system_prompt (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
