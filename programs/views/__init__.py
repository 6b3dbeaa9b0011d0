"""Pages of programmes, projects and classes."""
