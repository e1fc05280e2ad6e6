"""When runs start: what authors declare, the instants that follow from it, and words for both. Pure time."""
