"""The ledger: how a fact becomes an award, and an award a line that is never changed."""
