"""Filings: what a place reports to its regulator, frozen; the regulator's answers; what comes back to be mended."""
