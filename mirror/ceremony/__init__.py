"""Key ceremonies: what is done to the folder of keys, step by step (format 5)."""
