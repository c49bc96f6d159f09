-- Outputs that were sealed cannot be shown any more.
DROP TABLE sealed_outputs;
