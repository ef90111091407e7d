-- meta.db, version 6 to 7: the registry of models. tags, aliases: JSON objects. last_number: of the newest version, so
-- that none is given twice. A model is found by its number inside, so that a new name is one change.
CREATE TABLE registered_model (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    tags TEXT NOT NULL,
    aliases TEXT NOT NULL,
    last_number INTEGER NOT NULL DEFAULT 0
);
-- run_id, files_run: ids of runs, which may be gone. files_path: where the version lies among the files of files_run.
CREATE TABLE model_version (
    model INTEGER NOT NULL REFERENCES registered_model ON DELETE CASCADE,
    number INTEGER NOT NULL,
    description TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    files_run TEXT,
    files_path TEXT,
    run_id TEXT,
    logged_model_id TEXT,
    run_link TEXT NOT NULL,
    stage TEXT NOT NULL,
    tags TEXT NOT NULL,
    PRIMARY KEY (model, number)
) WITHOUT ROWID;
CREATE INDEX model_version_by_run ON model_version (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX model_version_by_files ON model_version (files_run) WHERE files_run IS NOT NULL;
PRAGMA user_version = 7;
