"""Number formats: which code a column gets, and how a value looks under one. Knows no tables and no files."""
