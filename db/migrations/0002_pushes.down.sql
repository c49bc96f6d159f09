DROP TABLE hook_tokens;
DROP TABLE pushes;
