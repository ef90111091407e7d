-- meta.db, version 1. Times are milliseconds since 1970-01-01 UTC.
CREATE TABLE project (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    key_prefix TEXT NOT NULL,
    next_number INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
);
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    project INTEGER NOT NULL REFERENCES project,
    key TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'running',
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    heard_at INTEGER NOT NULL,
    exit_code INTEGER,
    failure TEXT,
    tags TEXT NOT NULL DEFAULT '[]',
    UNIQUE (project, key)
);
CREATE INDEX run_by_age ON run (project, created_at);
-- What stands for a path and a kind of a project.
CREATE TABLE attribute (
    id INTEGER PRIMARY KEY,
    project INTEGER NOT NULL REFERENCES project,
    path TEXT NOT NULL,
    kind TEXT NOT NULL,
    UNIQUE (project, path, kind)
);
-- What a run has. number: bool, int, float, datetime in milliseconds. text: string, NaN, JSON of a set or a file.
-- Both are NULL for a series.
CREATE TABLE attribute_value (
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    attribute INTEGER NOT NULL REFERENCES attribute,
    number,
    text TEXT,
    PRIMARY KEY (run, attribute)
) WITHOUT ROWID;
CREATE INDEX attribute_value_by_attribute ON attribute_value (attribute, run);
CREATE TABLE token (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
PRAGMA user_version = 1;
