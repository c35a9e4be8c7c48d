"""The transparency log over the ledger: an append-only Merkle tree, its signed checkpoints and their witnesses."""
