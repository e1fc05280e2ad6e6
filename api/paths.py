"""Paths that answers name. Knows no route, so that shapes can name them too."""

from uuid import UUID

PREFIX = "/api/v1"


def run_path(run_id: UUID) -> str:
    """Return where a run is shown."""
    return f"{PREFIX}/runs/{run_id}"


def download_path(report_id: UUID) -> str:
    """Return where a report's file is downloaded."""
    return f"{PREFIX}/reports/{report_id}/download"
