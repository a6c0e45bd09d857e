"""Conditions in three-valued logic: tests, their operators, and what a decided branch says of variables."""
