"""Ground: settings, database, models, artifacts, errors, logs, clock. Imports nothing above it."""
