"""Workbooks as other files than .xlsx: .csv, .parquet and .json."""
