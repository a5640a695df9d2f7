"""Orders: search, and the page of one journey."""
