"""HTTP: translates between requests and what is below, and decides nothing."""
