-- meta.db, version 1 to 2: requests to stop a run. AUTOINCREMENT: a number is never given twice, so a client that asks
-- for what came after one cannot miss a request.
CREATE TABLE stop_request (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    how TEXT NOT NULL,
    grace_s REAL NOT NULL,
    requested_at INTEGER NOT NULL,
    requested_by TEXT NOT NULL,
    delivered_at INTEGER
);
CREATE INDEX stop_request_by_run ON stop_request (run, number);
PRAGMA user_version = 2;
