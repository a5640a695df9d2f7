"""Everything that sends signals out."""
