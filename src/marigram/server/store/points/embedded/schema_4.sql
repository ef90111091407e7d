-- Format 4: cells of series in blocks of floats, so that charts need not decode the blocks; see rollup.py. A block of an
-- older format has none until it is merged, and is decoded.
CREATE TABLE rollup (
    block INTEGER NOT NULL,
    attribute INTEGER NOT NULL,
    exponent INTEGER NOT NULL,
    levels INTEGER NOT NULL,
    step_first REAL NOT NULL,
    step_last REAL NOT NULL,
    points INTEGER NOT NULL,
    PRIMARY KEY (block, attribute)
) WITHOUT ROWID;

-- The cells themselves, the widest next to each other: those of a long series are few pages of the file.
CREATE TABLE rollup_cells (
    level INTEGER NOT NULL,
    block INTEGER NOT NULL,
    attribute INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    shape BLOB NOT NULL,
    time_base INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (level, block, attribute)
) WITHOUT ROWID;

-- Whoever removes a block removes what was made from it.
CREATE TRIGGER rollup_goes_with_its_block AFTER DELETE ON block BEGIN
    DELETE FROM rollup WHERE block = OLD.number;
    DELETE FROM rollup_cells WHERE level IN (0, 1, 2) AND block = OLD.number;
END;

-- Which blocks a chart is made of is read from the index alone; the rows of blocks are far apart.
DROP INDEX block_place;
CREATE INDEX block_place ON block (
    run, kind, attribute_first, attribute_last, step_first, step_last, position, crc, points
);
