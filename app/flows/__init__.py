"""The shipped flow catalogue."""
