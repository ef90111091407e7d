-- meta.db, version 5 to 6: saved views, and the runs of all projects by age and by end for the page that shows what
-- happened lately.
CREATE TABLE view (
    project INTEGER NOT NULL REFERENCES project,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (project, kind, name)
) WITHOUT ROWID;
CREATE INDEX run_by_creation ON run (created_at) WHERE trashed_at IS NULL AND NOT is_project;
CREATE INDEX run_going_on ON run (created_at) WHERE status = 'running' AND trashed_at IS NULL AND NOT is_project;
CREATE INDEX run_by_end ON run (ended_at) WHERE ended_at IS NOT NULL AND trashed_at IS NULL AND NOT is_project;
PRAGMA user_version = 6;
