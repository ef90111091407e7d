-- Format 6: runs whose series of floats were thinned to so many points each; points beyond `position` came later.
CREATE TABLE thinned (
    run INTEGER PRIMARY KEY,
    points INTEGER NOT NULL,
    position INTEGER NOT NULL
);
