"""A workbook as people read it on a page: values as text under their formats. Knows no file format."""
