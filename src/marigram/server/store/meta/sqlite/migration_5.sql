-- meta.db, version 4 to 5: counts, so that no list of projects and no choice of columns has to look at every run. Only
-- runs count that are shown: not in the trash, and not what holds what is said of a project. Triggers keep the counts.
ALTER TABLE project ADD COLUMN run_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE project ADD COLUMN running_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attribute ADD COLUMN run_count INTEGER NOT NULL DEFAULT 0;
-- The value of one run, texts up to 256 characters; and whether another run has, or had, another one.
ALTER TABLE attribute ADD COLUMN sample;
ALTER TABLE attribute ADD COLUMN varies INTEGER NOT NULL DEFAULT 0;
CREATE INDEX run_by_heard ON run (project, heard_at) WHERE trashed_at IS NULL AND NOT is_project;

UPDATE project SET
    run_count = (SELECT COUNT(*) FROM run WHERE project = project.id AND trashed_at IS NULL AND NOT is_project),
    running_count = (
        SELECT COUNT(*) FROM run
        WHERE project = project.id AND trashed_at IS NULL AND NOT is_project AND status = 'running'
    );
CREATE TEMP TABLE counted AS
    SELECT had.attribute AS id, COUNT(*) AS runs, MIN(COALESCE(substr(had.text, 1, 256), had.number)) AS low,
        MAX(COALESCE(substr(had.text, 1, 256), had.number)) AS high
    FROM attribute_value AS had JOIN run ON run.id = had.run
    WHERE run.trashed_at IS NULL AND NOT run.is_project GROUP BY had.attribute;
CREATE UNIQUE INDEX temp.counted_by_id ON counted (id);
UPDATE attribute SET
    run_count = COALESCE((SELECT runs FROM counted WHERE counted.id = attribute.id), 0),
    sample = (SELECT low FROM counted WHERE counted.id = attribute.id),
    varies = COALESCE((SELECT low IS NOT high FROM counted WHERE counted.id = attribute.id), 0);
DROP TABLE counted;
CREATE INDEX attribute_by_count ON attribute (project, run_count DESC, path) WHERE run_count > 0;

CREATE TRIGGER count_new_run AFTER INSERT ON run WHEN NEW.trashed_at IS NULL AND NOT NEW.is_project
BEGIN
    UPDATE project SET run_count = run_count + 1, running_count = running_count + (NEW.status = 'running')
    WHERE id = NEW.project;
END;
CREATE TRIGGER count_status AFTER UPDATE OF status ON run
WHEN NEW.trashed_at IS NULL AND NOT NEW.is_project AND (NEW.status = 'running') <> (OLD.status = 'running')
BEGIN
    UPDATE project SET running_count = running_count + (NEW.status = 'running') - (OLD.status = 'running')
    WHERE id = NEW.project;
END;
CREATE TRIGGER count_trashed AFTER UPDATE OF trashed_at ON run
WHEN NOT NEW.is_project AND OLD.trashed_at IS NULL AND NEW.trashed_at IS NOT NULL
BEGIN
    UPDATE project SET run_count = run_count - 1, running_count = running_count - (NEW.status = 'running')
    WHERE id = NEW.project;
    UPDATE attribute SET run_count = run_count - 1
    WHERE id IN (SELECT attribute FROM attribute_value WHERE run = NEW.id);
END;
CREATE TRIGGER count_restored AFTER UPDATE OF trashed_at ON run
WHEN NOT NEW.is_project AND OLD.trashed_at IS NOT NULL AND NEW.trashed_at IS NULL
BEGIN
    UPDATE project SET run_count = run_count + 1, running_count = running_count + (NEW.status = 'running')
    WHERE id = NEW.project;
    UPDATE attribute SET
        run_count = run_count + 1,
        varies = varies OR (
            run_count > 0 AND sample IS NOT (
                SELECT COALESCE(substr(text, 1, 256), number) FROM attribute_value
                WHERE run = NEW.id AND attribute = attribute.id
            )
        ),
        sample = CASE WHEN run_count > 0 THEN sample ELSE (
            SELECT COALESCE(substr(text, 1, 256), number) FROM attribute_value
            WHERE run = NEW.id AND attribute = attribute.id
        ) END
    WHERE id IN (SELECT attribute FROM attribute_value WHERE run = NEW.id);
END;
-- Before: afterwards nobody knows any more whether the run was shown.
CREATE TRIGGER count_deleted BEFORE DELETE ON run WHEN OLD.trashed_at IS NULL AND NOT OLD.is_project
BEGIN
    UPDATE project SET run_count = run_count - 1, running_count = running_count - (OLD.status = 'running')
    WHERE id = OLD.project;
    UPDATE attribute SET run_count = run_count - 1
    WHERE id IN (SELECT attribute FROM attribute_value WHERE run = OLD.id);
END;
CREATE TRIGGER count_value AFTER INSERT ON attribute_value
WHEN (SELECT trashed_at IS NULL AND NOT is_project FROM run WHERE id = NEW.run)
BEGIN
    UPDATE attribute SET
        run_count = run_count + 1,
        varies = run_count > 0 AND (varies OR sample IS NOT COALESCE(substr(NEW.text, 1, 256), NEW.number)),
        sample = CASE WHEN run_count > 0 THEN sample ELSE COALESCE(substr(NEW.text, 1, 256), NEW.number) END
    WHERE id = NEW.attribute;
END;
CREATE TRIGGER count_other_value AFTER UPDATE ON attribute_value
WHEN NEW.text IS NOT OLD.text OR NEW.number IS NOT OLD.number
BEGIN
    UPDATE attribute SET
        varies = run_count > 1,
        sample = COALESCE(substr(NEW.text, 1, 256), NEW.number)
    WHERE id = NEW.attribute AND NOT varies AND sample IS NOT COALESCE(substr(NEW.text, 1, 256), NEW.number)
        AND (SELECT trashed_at IS NULL AND NOT is_project FROM run WHERE id = NEW.run);
END;
CREATE TRIGGER count_removed_value AFTER DELETE ON attribute_value
WHEN (SELECT trashed_at IS NULL AND NOT is_project FROM run WHERE id = OLD.run)
BEGIN
    UPDATE attribute SET run_count = run_count - 1 WHERE id = OLD.attribute;
END;
PRAGMA user_version = 5;
