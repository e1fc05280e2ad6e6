"""Finished documents, read back. Knows no database, HTTP or schedule."""
