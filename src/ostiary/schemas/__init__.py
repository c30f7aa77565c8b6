"""JSON Schemas of the files that people write: what `ostiary schema` prints and the reference pages are made of."""
