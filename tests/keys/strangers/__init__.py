"""Tools by other hands read what we write, and we read what they write."""
