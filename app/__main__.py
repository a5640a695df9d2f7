"""`python -m app` starts the command line."""

from app.cli import main

main()
