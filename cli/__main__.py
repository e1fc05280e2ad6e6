"""`python -m cli`, for the supervisor: it needs no script on the PATH."""

from cli.main import main

main()
