"""Credits: policies as data, decisions with reasons, an append-only ledger, and its audit."""
