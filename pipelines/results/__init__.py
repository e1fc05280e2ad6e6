"""The results of steps: kept in the artifact store, read back equal, joined for their consumers."""
