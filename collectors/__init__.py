"""Everything that brings signals in."""
