"""Pure judgement on credits: no database, no clock; what comes in decides what comes out."""
