-- Each job, task and workflow is rewritten a few times soon after it was made. In a page with room PostgreSQL does that
-- in place, and leaves the indexes alone. (SQLite always does.)
ALTER TABLE workflows SET (fillfactor = 60);  -- postgres only
ALTER TABLE jobs SET (fillfactor = 60);       -- postgres only
ALTER TABLE tasks SET (fillfactor = 60);      -- postgres only
