"""Certificates: issued with the award, drawn once, verified by anybody."""
