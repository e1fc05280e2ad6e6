"""What pages in HTML and PDF look like: templates and styles, and what fills them."""
