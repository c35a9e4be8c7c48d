"""Files on their way from a phone: begun, sent piece by piece, cleaned, and taken by the feature that asked."""
