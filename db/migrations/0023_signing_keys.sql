-- Which signing.key a server has, by a name that says nothing of it: all servers must have the same
-- (docs/admin/id-tokens.md).
ALTER TABLE servers ADD COLUMN signing_key TEXT NOT NULL DEFAULT '';  -- '': a version that does not say
