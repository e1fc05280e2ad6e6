"""What a step returned: kept in the artifact store, read back equal, joined for its consumers."""
