"""The roll-over (年度结转): at the turn of a year, the approvals that end are entered anew for the next, in one go."""
