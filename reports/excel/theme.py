"""The colours that Excel offers in a report, so that what a reader adds by hand looks like the rest."""

from functools import cache

from lxml import etree
from openpyxl.writer.theme import theme_xml

from reports.palette import ACCENT, GROUND, INK, SERIES, SOFT

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
ACCENTS = {f"accent{number}": colour for number, colour in enumerate(SERIES[:6], start=1)}
COLOURS = {"dk2": INK, "lt2": GROUND, **ACCENTS, "hlink": ACCENT, "folHlink": SOFT}


@cache
def theme() -> bytes:
    """Office's own theme, in our colours."""
    root = etree.fromstring(theme_xml.encode())
    scheme = next(root.iter(f"{DRAWING}clrScheme"))
    for place in (root, scheme):
        place.set("name", "Presstime")
    for name, colour in COLOURS.items():
        next(scheme.iter(f"{DRAWING}{name}"))[0].set("val", colour)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
