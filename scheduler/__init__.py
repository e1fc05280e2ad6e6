"""Carries runs out with Celery and RedBeat; what is true about them stands in SQL."""
