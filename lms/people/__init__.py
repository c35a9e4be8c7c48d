"""Accounts and sign-in, postings, licences and scoped roles."""
