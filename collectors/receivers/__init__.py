"""Doors that senders push to."""
