"""What happens to a run: asked for, planned, claimed, completed. Plain SQL, no Celery."""
