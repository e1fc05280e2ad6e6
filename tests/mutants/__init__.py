"""Mutants of the code: what the tests would not notice if it were wrong (`make mutants`)."""
