-- What jobs of this time used is forgotten; nothing else knows of it.
DROP TABLE usages;
