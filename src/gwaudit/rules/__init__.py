"""The judge: rules as data, their expression language, their evaluation."""
