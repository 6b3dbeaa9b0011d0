"""The verbs of programmes, projects and classes."""
