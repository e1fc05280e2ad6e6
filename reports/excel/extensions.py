"""What Excel added to sheets after the standard: data bars of true length, and sparklines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lxml.etree import Element, SubElement, fromstring

from reports.marks import DataBar
from reports.palette import BAD, RULE

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
RULE_ID = "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}"  # of the extension that joins a rule with its other half
RULES = "{78C0D931-6437-407d-A8EE-F0AAD7539E65}"
SPARKLINES = "{05C60535-1F16-4fd2-B633-F4F36F0B64E0}"


@dataclass(frozen=True)
class BarExtension:
    """A data bar over a range."""

    sheet: str
    area: str
    bar: DataBar

    @property
    def id(self) -> str:
        """Equal for equal sheets, as every byte of the file is."""
        return f"{{{str(uuid5(NAMESPACE_URL, f'{self.sheet}!{self.area}')).upper()}}}"


def join_bars(tree: Any, bars: Sequence[BarExtension]) -> None:
    """Name the other halves of data bars in the rules of one range."""
    ids = {bar.area: bar.id for bar in bars}
    for rule in tree.iter("cfRule"):
        if rule.get("type") == "dataBar" and (known := ids.get(tree.get("sqref"))):
            ext = SubElement(SubElement(rule, "extLst"), "ext", {"uri": RULE_ID}, {"x14": X14})
            SubElement(ext, f"{{{X14}}}id").text = known


def extension_list(bars: Sequence[BarExtension], sparklines: Any = None) -> Any:
    """The sheet's last element, in which rules come first; None where there is nothing to add."""
    if not bars and sparklines is None:
        return None
    root = Element("extLst")
    if bars:
        ext = SubElement(root, "ext", {"uri": RULES}, {"x14": X14})
        formats = SubElement(ext, f"{{{X14}}}conditionalFormattings")
        for bar in bars:
            formats.append(_bar(bar))
    if sparklines is not None:
        SubElement(root, "ext", {"uri": SPARKLINES}, {"x14": X14}).append(sparklines)
    return root


def _bar(extension: BarExtension) -> Any:
    bar = extension.bar
    return fromstring(
        f'<x14:conditionalFormatting xmlns:x14="{X14}" xmlns:xm="{XM}">'
        f'<x14:cfRule type="dataBar" id="{extension.id}">'
        '<x14:dataBar minLength="0" maxLength="100" gradient="0">'
        f"{_end('autoMin', bar.low)}{_end('autoMax', bar.high)}"
        f'<x14:fillColor rgb="FF{bar.colour.upper()}"/><x14:negativeFillColor rgb="FF{BAD}"/>'
        f'<x14:axisColor rgb="FF{RULE}"/></x14:dataBar></x14:cfRule>'
        f"<xm:sqref>{extension.area}</xm:sqref></x14:conditionalFormatting>"
    )


def _end(automatic: str, value: float | None) -> str:
    if value is None:
        return f'<x14:cfvo type="{automatic}"/>'
    return f'<x14:cfvo type="num"><xm:f xmlns:xm="{XM}">{value!r}</xm:f></x14:cfvo>'
