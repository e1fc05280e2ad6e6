"""Pure time: what a schedule says, its instants, and what is decided of them. Knows no rows and no runs."""
