"""The builtins of sh and bash that decide what runs and with which words."""
