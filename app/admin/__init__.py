"""Running the tower itself."""
