"""Fills a workbook of the author: changes the parts that must change, and carries all else over byte for byte."""
