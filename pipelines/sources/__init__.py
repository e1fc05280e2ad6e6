"""Where extract steps get their data."""
