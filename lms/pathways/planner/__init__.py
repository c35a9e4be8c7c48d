"""From what is still lacking to steps one can follow, with the fewest hours; pure."""
