"""Events: their canonical form, their keys and the inbox."""
