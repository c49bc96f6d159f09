-- Retries go at once, nothing is rerun by itself, and jobs of a serial group run side by side.
DROP TABLE serial_holds;
DROP INDEX workflows_unfinished_of_project;
ALTER TABLE projects DROP COLUMN auto_cancel;
ALTER TABLE pipelines DROP COLUMN note;
ALTER TABLE workflows DROP COLUMN auto_reruns;
ALTER TABLE workflows DROP COLUMN max_auto_reruns;
ALTER TABLE workflows DROP COLUMN rerun_of;
ALTER TABLE jobs DROP COLUMN ssh;
ALTER TABLE jobs DROP COLUMN job_group;
ALTER TABLE jobs DROP COLUMN serial_group;
ALTER TABLE tasks DROP COLUMN ready_at;
