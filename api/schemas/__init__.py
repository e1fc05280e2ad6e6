"""The pydantic models of what crosses HTTP: neither rows nor values of ours leave as they are."""
