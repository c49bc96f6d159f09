-- All secrets are lost; jobs run without contexts and project variables.
DROP TABLE projects_that_trust_forks;
DROP TABLE secrets;
DROP TABLE context_restrictions;
DROP TABLE contexts;
