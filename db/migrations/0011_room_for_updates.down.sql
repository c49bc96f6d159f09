ALTER TABLE workflows RESET (fillfactor);  -- postgres only
ALTER TABLE jobs RESET (fillfactor);       -- postgres only
ALTER TABLE tasks RESET (fillfactor);      -- postgres only
