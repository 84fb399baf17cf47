-- What users have noted about responses. Beside them: no response is changed by it.

CREATE TABLE annotation (
    response     INTEGER PRIMARY KEY REFERENCES response (key) ON DELETE CASCADE,
    conversation INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    starred      INTEGER NOT NULL,
    label        TEXT NOT NULL,          -- empty: none
    note         TEXT NOT NULL,          -- empty: none
    archived     INTEGER NOT NULL
) STRICT;

CREATE INDEX annotation_conversation ON annotation (conversation);
