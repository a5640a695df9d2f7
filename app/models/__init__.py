"""Tables only: columns and constraints."""
