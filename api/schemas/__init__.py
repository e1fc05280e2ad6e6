"""What crosses HTTP, as pydantic models: neither rows nor values of ours leave as they are."""
