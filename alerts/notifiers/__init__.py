"""One way of telling somebody, one file."""
