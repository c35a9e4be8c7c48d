"""Judgements about pathways, without a database."""
