"""The texts that commands print, for people and as JSON."""
