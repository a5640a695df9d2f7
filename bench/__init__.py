"""`make bench`: intake, pages, live updates and memory, as ratios within one run on one machine."""
