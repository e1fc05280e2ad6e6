"""The life of a run: requested, planned, claimed, completed. Plain SQL, no Celery."""
