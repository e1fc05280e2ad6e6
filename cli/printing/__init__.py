"""The output of commands, for people and as JSON."""
