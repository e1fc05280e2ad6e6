"""The versions of installed packages, read from the disk once in each process."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def version_of(package: str) -> str:
    """Return the version of an installed package; raises importlib.metadata.PackageNotFoundError."""
    return version(package)


def own_version() -> str:
    """Return the version of Presstime, or 0 in a checkout that is not installed."""
    try:
        return version_of("presstime")
    except PackageNotFoundError:
        return "0"
