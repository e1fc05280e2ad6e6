"""Tables of every kind, read a slice at a time: columns, rows, groups and headers. Knows no document."""
