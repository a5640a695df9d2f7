"""Pharos: the retail control tower."""
