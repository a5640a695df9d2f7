"""A demo retailer that speaks only to public doors; nothing else of Pharos is known here."""
