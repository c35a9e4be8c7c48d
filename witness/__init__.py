"""A small witness of transparency logs (C2SP tlog-witness): standard library and Ed25519, nothing of the platform."""
