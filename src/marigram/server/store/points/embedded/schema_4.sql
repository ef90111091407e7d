-- Format 4: cells of series in blocks of floats, so that charts need not decode the blocks; see rollup.py. A block of an
-- older format has none until it is merged, and is decoded.
CREATE TABLE rollup (
    level INTEGER NOT NULL,
    block INTEGER NOT NULL,
    attribute INTEGER NOT NULL,
    exponent INTEGER NOT NULL,
    levels INTEGER NOT NULL,
    step_first REAL NOT NULL,
    step_last REAL NOT NULL,
    points INTEGER NOT NULL,
    shape BLOB NOT NULL,
    time_base INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (level, block, attribute)
) WITHOUT ROWID;

-- Whoever removes a block removes what was made from it.
CREATE TRIGGER rollup_goes_with_its_block AFTER DELETE ON block BEGIN
    DELETE FROM rollup WHERE level IN (0, 1, 2) AND block = OLD.number;
END;
