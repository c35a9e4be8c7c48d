"""The independent verifier of a credit log: standard library and Ed25519, nothing of the platform."""
