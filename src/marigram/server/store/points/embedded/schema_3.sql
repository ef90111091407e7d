-- Format 3: what became of all that a writer has sent. A writer of an older format has no row, because nobody counted.
CREATE TABLE tally (
    run INTEGER NOT NULL,
    writer TEXT NOT NULL,
    points_stored INTEGER NOT NULL,
    points_refused INTEGER NOT NULL,
    rejections TEXT NOT NULL,
    PRIMARY KEY (run, writer)
) WITHOUT ROWID;
