"""The documents, a module per kind."""
