"""Workbooks as other files than .xlsx: .csv, .parquet, .json, .html and .pdf."""
