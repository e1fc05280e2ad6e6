"""A web site to scrape: real flights out of New York in 2013. It shares no code with what scrapes it."""
