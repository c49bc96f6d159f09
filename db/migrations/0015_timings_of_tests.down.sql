-- Jobs that have not ended yet run all of their tests, and split them by other timings if a task is tried again.
DROP INDEX jobs_of_name;
ALTER TABLE jobs DROP COLUMN failed_tests_of;
ALTER TABLE jobs DROP COLUMN timings_from;
