"""Regular expressions of documents: read as ECMA-262 does, written for each engine."""
