"""Counts and histograms by minute and day."""
