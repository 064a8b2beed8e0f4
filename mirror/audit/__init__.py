"""Comparing a mirror with our own tree over the address that readers open, and putting back."""
