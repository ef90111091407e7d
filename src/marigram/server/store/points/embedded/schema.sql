-- The embedded engine's one file. Blobs stand last in their rows, so that SQLite need not walk them to reach a column.

-- Small numbers for runs. AUTOINCREMENT: the number of a deleted run is never given to another.
CREATE TABLE run (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL UNIQUE
);

CREATE TABLE writer (
    run INTEGER NOT NULL,
    writer TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    PRIMARY KEY (run, writer)
) WITHOUT ROWID;

-- One row per batch that is not yet in blocks. AUTOINCREMENT: a position is never given twice.
CREATE TABLE wal (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    body BLOB NOT NULL
);

-- Everything up to `flushed` is in blocks; later positions are in wal.
CREATE TABLE progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    flushed INTEGER NOT NULL
);
INSERT INTO progress (one, flushed) VALUES (1, 0);

-- Points of one run and kind in order of (attribute, step). Where blocks overlap, the larger position wins.
CREATE TABLE block (
    number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    kind TEXT NOT NULL,
    lvl INTEGER NOT NULL,
    attribute_first INTEGER NOT NULL,
    attribute_last INTEGER NOT NULL,
    step_first REAL NOT NULL,
    step_last REAL NOT NULL,
    points INTEGER NOT NULL,
    position INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX block_place ON block (run, kind, attribute_first, attribute_last, step_first, step_last);

-- Points of the series in blocks below `position` are gone.
CREATE TABLE dropped (
    run INTEGER NOT NULL,
    attribute INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (run, attribute)
) WITHOUT ROWID;

-- The statistics of each series; see statistics.py.
CREATE TABLE series (
    run INTEGER NOT NULL,
    attribute INTEGER NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (run, attribute)
) WITHOUT ROWID;
