"""Partial evaluation of shell scripts: what a launch script will run, word by word, without running it."""
