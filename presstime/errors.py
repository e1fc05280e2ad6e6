"""The one base class of errors. Knows nothing of HTTP statuses or exit codes."""


class PresstimeError(Exception):
    """Something a person can mend: its text says, in one line, what, where and what to do."""
