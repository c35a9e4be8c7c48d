"""Pure judgement on papers and attempts: drawing, tries, time, grades. Clock and chance come in."""
