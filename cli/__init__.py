"""The `presstime` command."""
