"""What ECMA-376 asks of a workbook's parts: the order of elements, and which attributes they have.

Written out from part 1, chapter 18, for those elements that are written; each rule gives the faults it found.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ID = f"{{{RELATIONS}}}id"
PREFIXES = {
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "chart ",
    "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing": "drawing ",
}
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"  # Excel's own, beside the standard
CHILDREN = {
    "worksheet": """sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection
        protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr
        conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks
        colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF picture
        oleObjects controls webPublishItems tableParts extLst""",
    "sheetPr": "tabColor outlinePr pageSetUpPr",
    "sheetView": "pane selection pivotSelection extLst",
    "headerFooter": "oddHeader oddFooter evenHeader evenFooter firstHeader firstFooter",
    "row": "c extLst",
    "c": "f v is extLst",
    "is": "t r rPh phoneticPr",
    "styleSheet": """numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst""",
    "font": """b i strike condense extend outline shadow u vertAlign sz color name family charset scheme""",
    "xf": "alignment protection extLst",
    "border": "start end left right top bottom diagonal vertical horizontal",
    "workbook": """fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups
        externalReferences definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes
        webPublishing fileRecoveryPr webPublishObjects extLst""",
    "cfRule": "formula colorScale dataBar iconSet extLst",
    "dxf": "font numFmt fill alignment border protection extLst",
    "rowBreaks": "brk",
    "chartSpace": """date1904 lang roundedCorners style clrMapOvr pivotSource protection chart spPr txPr
        externalData printSettings userShapes extLst""",
    "chart": """title autoTitleDeleted pivotFmts view3D floor sideWall backWall plotArea legend plotVisOnly
        dispBlanksAs extLst""",
    "barChart": "barDir grouping varyColors ser dLbls gapWidth overlap serLines axId extLst",
    "lineChart": "grouping varyColors ser dLbls dropLines hiLowLines upDownBars marker smooth axId extLst",
    "areaChart": "grouping varyColors ser dLbls dropLines axId extLst",
    "scatterChart": "scatterStyle varyColors ser dLbls axId extLst",
    "pieChart": "varyColors ser dLbls firstSliceAng extLst",
    "doughnutChart": "varyColors ser dLbls firstSliceAng holeSize extLst",
    "ser": """idx order tx spPr invertIfNegative pictureOptions marker dPt dLbls trendline errBars cat val xVal yVal
        smooth shape extLst""",
    "catAx": """axId scaling delete axPos majorGridlines minorGridlines title numFmt majorTickMark minorTickMark
        tickLblPos spPr txPr crossAx crosses crossesAt auto lblAlgn lblOffset tickLblSkip tickMarkSkip noMultiLvlLbl
        extLst""",
    "dateAx": """axId scaling delete axPos majorGridlines minorGridlines title numFmt majorTickMark minorTickMark
        tickLblPos spPr txPr crossAx crosses crossesAt auto lblOffset baseTimeUnit majorUnit majorTimeUnit minorUnit
        minorTimeUnit extLst""",
    "valAx": """axId scaling delete axPos majorGridlines minorGridlines title numFmt majorTickMark minorTickMark
        tickLblPos spPr txPr crossAx crosses crossesAt crossBetween majorUnit minorUnit dispUnits extLst""",
    "table": "autoFilter sortState tableColumns tableStyleInfo extLst",
    "tableColumn": "calculatedColumnFormula totalsRowFormula xmlColumnPr extLst",
    "comments": "authors commentList extLst",
    "comment": "text commentPr",
}
X14_CHILDREN = {  # Microsoft, "[MS-XLSX]", 2.6
    "conditionalFormattings": "conditionalFormatting",
    "sparklineGroups": "sparklineGroup",
    "sparklineGroup": """colorSeries colorNegative colorAxis colorMarkers colorFirst colorLast colorHigh colorLow f
        sparklines""",
    "sparklines": "sparkline",
    "sparkline": "f sqref",
}
SPARKLINE_GROUP = {  # its attributes, with what they may say; None: a number
    "manualMax": None,
    "manualMin": None,
    "lineWeight": None,
    "type": {"line", "column", "stacked"},
    "displayEmptyCellsAs": {"span", "gap", "zero"},
    **{name: {"0", "1"} for name in ("markers", "high", "low", "first", "last", "negative", "displayXAxis")},
    "minAxisType": {"individual", "group", "custom"},
    "maxAxisType": {"individual", "group", "custom"},
}
EXTENSIONS = (  # of a sheet, in the order in which Excel writes them
    "{78C0D931-6437-407d-A8EE-F0AAD7539E65}",  # rules
    "{05C60535-1F16-4fd2-B633-F4F36F0B64E0}",  # sparklines
)
ANY_ORDER = frozenset({"font"})  # a choice in the standard's transitional schema
REQUIRED = {
    "c": "r",
    "row": "r",
    "col": "min max",
    "dimension": "ref",
    "sheetView": "workbookViewId",
    "autoFilter": "ref",
    "hyperlink": "ref",
    "pageMargins": "left right top bottom header footer",
    "numFmt": "numFmtId formatCode",
    "chart numFmt": "formatCode",
    "cellStyle": "xfId",
    "sheet": "name sheetId",
    "definedName": "name",
    "table": "id displayName ref",
    "tableColumn": "id name",
    "comment": "ref authorId",
}
ALLOWED = {
    "c": "r s t cm vm ph",
    "row": "r spans s customFormat ht hidden customHeight outlineLevel collapsed thickTop thickBot ph",
    "col": "min max width style hidden bestFit customWidth phonetic outlineLevel collapsed",
    "hyperlink": f"ref location tooltip display {ID}",
    "dimension": "ref",
    "definedName": """name comment customMenu description help statusBar localSheetId hidden function vbProcedure
        xlm functionGroupId shortcutKey publishToServer workbookParameter""",
}
CELL_TYPES = frozenset({"b", "d", "e", "inlineStr", "n", "s", "str"})
FUNCTIONS = ("sum", "min", "max", "average", "count", "countNums", "stdDev", "var")
TOTAL_FUNCTIONS = {*FUNCTIONS, "none", "custom"}  # as table columns name them
NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
CELL = re.compile(r"([A-Z]{1,3})([1-9]\d*)")


def faults_of_shape(root: Any) -> Iterator[str]:
    """Elements in the wrong order or unknown, attributes that are missing or unknown."""
    for element in root.iter(etree.Element):
        name = etree.QName(element).localname
        known = X14_CHILDREN if etree.QName(element).namespace == X14 else CHILDREN
        if name in known:
            yield from _order(name, [etree.QName(child).localname for child in element], known)
        for attribute in REQUIRED.get(_kind(element), "").split():
            if attribute not in element.attrib:
                yield f"{name} lacks {attribute}"
        if name in ALLOWED and (unknown := set(element.attrib) - set(ALLOWED[name].split())):
            yield f"{name} has {sorted(unknown)}"
        if "count" in element.attrib and int(element.get("count")) != len(element):
            yield f"{name} counts {element.get('count')} of {len(element)}"


def _kind(element: Any) -> str:
    """The element's name; what charts, drawings and sheets call alike is told apart."""
    name = etree.QName(element)
    return f"{PREFIXES.get(name.namespace or '', '')}{name.localname}"


def _order(name: str, children: list[str], rules: dict[str, str]) -> Iterator[str]:
    known = rules[name].split()
    if unknown := set(children) - set(known):
        yield f"{name} has {sorted(unknown)}"
    elif name not in ANY_ORDER and children != sorted(children, key=known.index):
        yield f"{name} has its elements in the order {children}"


def faults_of_cells(sheet: Any, formats: int) -> Iterator[str]:
    """Rows and cells that do not go up, types and values that do not fit, formats that are not there."""
    last_row = 0
    for row in sheet.iterfind("{*}sheetData/{*}row"):
        number, last_column = int(row.get("r")), 0
        if number <= last_row:
            yield f"row {number} after row {last_row}"
        if not 0 < float(row.get("ht", "15")) <= 409.5:
            yield f"row {number} is {row.get('ht')} points high"
        last_row = number
        for cell in row.iterfind("{*}c"):
            found = CELL.fullmatch(cell.get("r"))
            column = column_number(found[1]) if found else 0
            if found is None or int(found[2]) != number or column <= last_column:
                yield f"cell {cell.get('r')} in row {number} after column {last_column}"
            last_column = column
            yield from _faults_of_value(cell, formats)


def _faults_of_value(cell: Any, formats: int) -> Iterator[str]:
    kind, r = cell.get("t", "n"), cell.get("r")
    value, inline = cell.findtext("{*}v"), cell.find("{*}is")
    if kind not in CELL_TYPES:
        yield f"{r} is of type {kind}"
    if not 0 <= int(cell.get("s", "0")) < formats:
        yield f"{r} has format {cell.get('s')} of {formats}"
    if (inline is not None) != (kind == "inlineStr"):
        yield f"{r} is {kind} and {'has' if inline is not None else 'lacks'} inline text"
    if kind == "n" and value is not None and NUMBER.fullmatch(value) is None:
        yield f"{r} is no number: {value!r}"
    if kind == "b" and value not in {"0", "1"}:
        yield f"{r} is no boolean: {value!r}"
    if cell.findtext("{*}f") == "":
        yield f"{r} has an empty formula"


def faults_of_styles(styles: Any) -> Iterator[str]:
    counts = {
        name: len(styles.find(f"{{*}}{name}")) for name in ("fonts", "fills", "borders", "cellStyleXfs")
    }
    own = [int(code.get("numFmtId")) for code in styles.iterfind("{*}numFmts/{*}numFmt")]
    if len(set(own)) < len(own) or any(number < 164 for number in own):
        yield f"number formats {own}"
    for xf in styles.iterfind("{*}cellXfs/{*}xf"):
        for attribute, part in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            if int(xf.get(attribute)) >= counts[part]:
                yield f"a cell format has {attribute} {xf.get(attribute)} of {counts[part]}"
        if int(xf.get("xfId", "0")) >= counts["cellStyleXfs"]:
            yield f"a cell format has xfId {xf.get('xfId')}"
        number = int(xf.get("numFmtId"))
        if number >= 164 and number not in own:
            yield f"a cell format has the number format {number}, which is not there"


def faults_of_sheet(sheet: Any) -> Iterator[str]:
    """Columns, links and filters that contradict each other."""
    last = 0
    for col in sheet.iterfind("{*}cols/{*}col"):
        low, high = int(col.get("min")), int(col.get("max"))
        if not last < low <= high or not 0 < float(col.get("width")) <= 255:
            yield f"column {low} to {high} after {last}, {col.get('width')} wide"
        last = high
    for link in sheet.iterfind("{*}hyperlinks/{*}hyperlink"):
        if link.get(ID) is None and link.get("location") is None:
            yield f"the link of {link.get('ref')} leads nowhere"
    if sheet.find("{*}autoFilter") is not None and sheet.find("{*}tableParts") is not None:
        yield "the sheet filters beside a table that filters"
    for text in sheet.iterfind("{*}headerFooter/*"):
        if len(text.text or "") > 255:
            yield f"{text.tag} is {len(text.text)} characters long"


def faults_of_extensions(sheet: Any) -> Iterator[str]:
    """More than one list of extensions, in another order; sparklines that are not of one row beside them."""
    lists = sheet.findall("{*}extLst")
    uris = [ext.get("uri") for ext in sheet.iterfind("{*}extLst/{*}ext")]
    if len(lists) > 1 or uris != [uri for uri in EXTENSIONS if uri in uris]:
        yield f"{len(lists)} lists of the extensions {uris}"
    for group in sheet.iter(f"{{{X14}}}sparklineGroup"):
        for name, value in group.attrib.items():
            allowed = SPARKLINE_GROUP.get(name, set())
            if value not in allowed if allowed is not None else NUMBER.fullmatch(value) is None:
                yield f"a group of sparklines has {name}={value!r}"
        for one in ("min", "max"):
            custom = group.get(f"{one}AxisType") == "custom"
            if custom != (f"manual{one.title()}" in group.attrib):
                yield f"a group's {one}imum is {group.get(f'{one}AxisType')}"
    yield from _faults_of_sparklines(sheet)


def _faults_of_sparklines(sheet: Any) -> Iterator[str]:
    filled = {cell.get("r") for cell in sheet.iterfind(".//{*}c") if len(cell)}
    taken: set[str] = set()
    for one in sheet.iter(f"{{{X14}}}sparkline"):
        place, cells = one.findtext("{*}sqref"), one.findtext("{*}f").rpartition("!")[2].split(":")
        (left, top), (right, bottom) = map(split_cell, cells)
        column, row = split_cell(place)
        if not top == bottom == row or not left < right or left <= column <= right:
            yield f"the sparkline in {place} draws {cells}"
        if place in taken or place in filled:
            yield f"there is something else in {place}"
        taken.add(place)


def faults_of_table(table: Any, cells: dict[str, Any]) -> Iterator[str]:
    """A table's columns are what its header says, and its totals what stands in the row below its body."""
    first, last = table.get("ref").split(":")
    (left, top), (right, bottom) = split_cell(first), split_cell(last)
    columns = table.findall("{*}tableColumns/{*}tableColumn")
    if len(columns) != right - left + 1:
        yield f"{len(columns)} columns in {table.get('ref')}"
    if bottom - top - int(table.get("totalsRowCount", "0")) < 1:
        yield f"no row of its body in {table.get('ref')}"
    for place, column in enumerate(columns, start=left):
        name, function = column.get("name"), column.get("totalsRowFunction", "none")
        if cells.get(f"{letters(place)}{top}") != name.replace("_x000a_", "\n"):
            yield f"column {name!r} is headed {cells.get(f'{letters(place)}{top}')!r}"
        if function not in TOTAL_FUNCTIONS:
            yield f"column {name!r} has the total {function}"
        if (function == "custom") != (column.find("{*}totalsRowFormula") is not None):
            yield f"column {name!r} has the total {function}, and its formula does not fit"
        if (label := column.get("totalsRowLabel")) is not None and cells.get(
            f"{letters(place)}{bottom}"
        ) != label:
            yield f"column {name!r} is labelled {label!r}"


def split_cell(name: str) -> tuple[int, int]:
    found = CELL.fullmatch(name)
    if found is None:
        raise ValueError(name)
    return column_number(found[1]), int(found[2])


def column_number(text: str) -> int:
    number = 0
    for sign in text:
        number = number * 26 + ord(sign) - ord("A") + 1
    return number


def letters(place: int) -> str:
    text = ""
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
