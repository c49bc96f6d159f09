-- Where the timings of a job's tests came from, so that all of its tasks split them alike, and reruns of failed tests.
ALTER TABLE jobs ADD COLUMN timings_from TEXT;     -- a job; '': there is none; NULL: nobody asked yet
ALTER TABLE jobs ADD COLUMN failed_tests_of TEXT;  -- of its tests, only those run that failed in this job; NULL: all
CREATE INDEX jobs_of_name ON jobs (project_id, name, number) WHERE number > 0 AND kept_from IS NULL;
