"""Where state lives: counters, grants and the ledger, in memory or in one SQLite file of the state directory."""
