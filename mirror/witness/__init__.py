"""A witness: remembers the largest tree of each log it follows, and cosigns what extends it."""
