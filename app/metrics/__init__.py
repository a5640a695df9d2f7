"""The catalogue: every number, defined once, asked as of a time."""
