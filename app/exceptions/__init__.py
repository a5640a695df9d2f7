"""Business exceptions: when they open, what they are worth, who works on them."""
