"""Two frames by key columns: which rows came, which went, and which cells are not what they were."""
