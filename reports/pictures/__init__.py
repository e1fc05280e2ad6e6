"""Charts as pictures: SVG and PNG, with the look that they have in a workbook."""
