-- meta.db, version 3 to 4: forks.
-- Runs that go on from another run of their project. `parent` is a run id: the parent may come later, or be gone.
-- step: as it was asked for. last_step: up to which series that are new in the parent are inherited.
CREATE TABLE fork (
    run INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,
    parent TEXT NOT NULL,
    step REAL NOT NULL,
    last_step REAL NOT NULL
);
CREATE INDEX fork_by_parent ON fork (parent);
-- Series of the parent that a run inherits, each up to a step, included.
CREATE TABLE inherited (
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    attribute INTEGER NOT NULL REFERENCES attribute,
    last_step REAL NOT NULL,
    PRIMARY KEY (run, attribute)
) WITHOUT ROWID;
PRAGMA user_version = 4;
