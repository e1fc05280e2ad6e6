"""What is removed when it has been kept long enough, and what stays because something needs it."""
