"""Licences and results of exams by workbook: each row a record, as if an office had entered it on its page."""
