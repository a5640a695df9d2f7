"""Mappings as a retailer keeps them: stored, versioned, tried and shown; with worked examples beside."""
