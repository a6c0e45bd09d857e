"""Meaning without opinion: from documents to targets, services and facts."""
