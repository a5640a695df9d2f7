"""Measures the tower: intake, pages, visibility and memory, as ratios in one run."""
