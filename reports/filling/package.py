"""The parts of an .xlsx file: read as they are, parsed when asked for, written back in their order."""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from reports.excel.archive import SteadyZip
from reports.template import BadTemplate

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATION_ID = f"{{{RELATIONS}}}id"
TYPES = "[Content_Types].xml"
OLE = b"\xd0\xcf\x11\xe0"  # how an .xls, or an encrypted .xlsx, begins
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
TEMPLATE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MOST_BYTES = 2_000_000_000  # of all parts unpacked: more is no template but an attack, or a mistake


@dataclass(frozen=True)
class Relation:
    id: str
    kind: str  # the last word of its type: `worksheet`, `table`, ...
    target: str  # the part's name, or an address
    outside: bool


def main(name: str) -> str:
    return f"{{{MAIN}}}{name}"


def local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def children(element: Any, name: str) -> list[Any]:
    return [child for child in element if local(child) == name]


class TemplatePackage:
    """Parts by name. `tree` gives a part to be changed in place; what nobody asked for keeps its bytes."""

    def __init__(self, template: str, data: bytes) -> None:
        self.template = template
        self.parts = _parts(template, data)
        self._trees: dict[str, Any] = {}
        self._changed: dict[str, None] = {}
        self.workbook = self._workbook()

    def refuse(self, place: str | None, reason: str) -> BadTemplate:
        return BadTemplate(self.template, place, reason)

    def parsed(self, name: str) -> Any:
        """A part's root, to read from."""
        if name not in self._trees:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
            try:
                self._trees[name] = etree.fromstring(self.parts[name], parser)
            except (etree.XMLSyntaxError, KeyError) as error:
                raise self.refuse(name, f"this part cannot be read: {error}") from error
        return self._trees[name]

    def tree(self, name: str) -> Any:
        """A part's root, to change."""
        root = self.parsed(name)
        self._changed[name] = None
        return root

    def put(self, name: str, data: bytes) -> None:
        self.parts[name] = data
        self._trees.pop(name, None)
        self._changed.pop(name, None)

    def settle(self) -> None:
        """Give the changed trees back to their parts."""
        for name in self._changed:
            self.parts[name] = DECLARATION + etree.tostring(self._trees[name])
        self._changed.clear()

    def relations(self, part: str) -> list[Relation]:
        name = relations_of(part)
        if name not in self.parts:
            return []
        folder = posixpath.dirname(part)
        return [
            _relation(element, folder) for element in self.parsed(name) if local(element) == "Relationship"
        ]

    def related(self, part: str, kind: str) -> Iterator[str]:
        """The parts of a kind that `part` refers to."""
        for relation in self.relations(part):
            if relation.kind == kind and not relation.outside and relation.target in self.parts:
                yield relation.target

    def relate(self, part: str, kind: str, target: str) -> str:
        """Make `part` refer to `target`; returns the relation's id."""
        root = self.tree(relations_of(part))
        taken = {element.get("Id") for element in root}
        id_ = next(f"rId{n}" for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
        near = posixpath.relpath(target, posixpath.dirname(part) or ".")
        etree.SubElement(
            root, f"{{{PACKAGE_RELATIONS}}}Relationship", Id=id_, Type=f"{RELATIONS}/{kind}", Target=near
        )
        return id_

    def declare(self, part: str, content_type: str) -> None:
        etree.SubElement(
            self.tree(TYPES),
            f"{{{CONTENT_TYPES}}}Override",
            PartName=f"/{part}",
            ContentType=content_type,
        )

    def of_type(self, *endings: str) -> list[str]:
        """Parts by what their content type ends with."""
        return [
            element.get("PartName").lstrip("/")
            for element in self.parsed(TYPES)
            if local(element) == "Override" and element.get("ContentType").endswith(endings)
        ]

    def write(self, path: Path) -> None:
        self.settle()
        with SteadyZip(path) as archive:
            for name, data in self.parts.items():
                archive.writestr(name, data)

    def _workbook(self) -> str:
        found = list(self.related("", "officeDocument"))
        if not found:
            raise self.refuse(
                None, "it is no workbook, or a Strict Open XML one; save it as an Excel workbook"
            )
        for element in self.parsed(TYPES):
            if element.get("PartName", "").lstrip("/") == found[0]:
                kind = element.get("ContentType")
                if kind == TEMPLATE_TYPE:
                    self.tree(TYPES)
                    element.set("ContentType", WORKBOOK_TYPE)
                elif kind != WORKBOOK_TYPE:
                    raise self.refuse(None, "it holds macros, or is no .xlsx; save it as an Excel workbook")
        self.check_root(found[0], "workbook")
        return found[0]

    def check_root(self, part: str, name: str) -> None:
        """Raises BadTemplate for a part of another kind, or of another namespace (Strict Open XML)."""
        if self.parsed(part).tag != main(name):
            raise self.refuse(
                part, f"this part is no {name} as Excel writes it; save the file as an Excel workbook"
            )


def relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relation(element: Any, folder: str) -> Relation:
    target, outside = element.get("Target", ""), element.get("TargetMode") == "External"
    if not outside:
        target = (
            target.lstrip("/")
            if target.startswith("/")
            else posixpath.normpath(posixpath.join(folder, target))
        )
    return Relation(element.get("Id", ""), element.get("Type", "").rpartition("/")[2], target, outside)


def _parts(template: str, data: bytes) -> dict[str, bytes]:
    if data.startswith(OLE):
        raise BadTemplate(template, None, "it is an .xls or has a password; save it as .xlsx without one")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if sum(info.file_size for info in infos) > MOST_BYTES:
                raise BadTemplate(template, None, "it unpacks to more than 2 GB")
            parts = {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise BadTemplate(template, None, f"it is no .xlsx file, or a damaged one: {error}") from error
    if TYPES not in parts:
        raise BadTemplate(template, None, "it is a zip archive, but no workbook; save it as .xlsx")
    return parts
