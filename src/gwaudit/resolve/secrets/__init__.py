"""Secrets: which names hold them, which values are real, and where they stand."""
