"""Runs of past periods, a few at a time."""
