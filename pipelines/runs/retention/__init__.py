"""Retention: removes what has been kept long enough, and keeps what something still needs."""
