"""Expansion of words: parameters and their operators, quotes, splitting."""
