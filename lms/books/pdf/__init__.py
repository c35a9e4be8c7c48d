"""The book on paper: A4, one typeface with Chinese in it, every page with its number, edition and fingerprint."""
