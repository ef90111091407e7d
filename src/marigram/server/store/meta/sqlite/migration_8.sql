-- meta.db, version 7 to 8: what values were before they were set to others. replaced_at: milliseconds since 1970-01-01
-- UTC. writer, last_seq: who did it, and the end of the batch by which it was done, so that a batch that comes again
-- is known. number, text: as in attribute_value.
CREATE TABLE earlier_value (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    path TEXT NOT NULL,
    kind TEXT NOT NULL,
    number,
    text TEXT,
    replaced_at INTEGER NOT NULL,
    writer TEXT NOT NULL,
    last_seq INTEGER NOT NULL
);
CREATE INDEX earlier_value_by_path ON earlier_value (run, path, id);
PRAGMA user_version = 8;
