-- meta.db, version 2 to 3: the trash, and the run that holds what is said of a project itself (is_project), which no
-- table of runs shows.
ALTER TABLE run ADD COLUMN trashed_at INTEGER;
ALTER TABLE run ADD COLUMN is_project INTEGER NOT NULL DEFAULT 0;
CREATE INDEX run_not_shown ON run (project) WHERE trashed_at IS NOT NULL OR is_project;
PRAGMA user_version = 3;
