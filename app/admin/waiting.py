"""The page of what waits: events that belong to no order or return yet, with the keys they wait under."""
