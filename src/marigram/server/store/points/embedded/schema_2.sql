-- Format 2: series can be cut. Points of the series in blocks below `position` are gone after the step `after_step`.
CREATE TABLE cut (
    run INTEGER NOT NULL,
    attribute INTEGER NOT NULL,
    position INTEGER NOT NULL,
    after_step REAL NOT NULL,
    PRIMARY KEY (run, attribute, position)
) WITHOUT ROWID;
