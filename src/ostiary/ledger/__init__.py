"""The record as bytes: canonical form, hash chain, redaction, verification. Nothing here reads or writes a file."""
