"""Tables that come from outside, as CSV or XLSX: told apart by content, read within limits, faults by line."""
