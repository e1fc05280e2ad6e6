"""The versions of installed packages, read from the disk once in each process."""

from functools import cache
from importlib.metadata import version


@cache
def version_of(package: str) -> str:
    """Return the version of an installed package; raises importlib.metadata.PackageNotFoundError."""
    return version(package)
