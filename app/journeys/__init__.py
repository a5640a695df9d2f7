"""Journeys: which facts belong together and what they amount to."""
