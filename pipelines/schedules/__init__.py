"""The rows of schedules and what is decided about them: declared, edited, paused, fired, found late."""
