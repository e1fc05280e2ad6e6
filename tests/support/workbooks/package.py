"""The package of a workbook, or of any archive that is written: its parts as bytes and as XML."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree


def parts(source: Path | bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist())
        return {name: archive.read(name) for name in archive.namelist()}


def xml(path: Path, name: str) -> Any:
    """The root of an XML part, however large it is."""
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(name), etree.XMLParser(huge_tree=True))


def packed(contents: Mapping[str, bytes | str]) -> bytes:
    """An archive with these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return file.getvalue()


def repacked(source: bytes | Path, changed: Mapping[str, bytes]) -> bytes:
    """The same workbook with other contents in some parts."""
    return packed({**parts(source), **changed})
