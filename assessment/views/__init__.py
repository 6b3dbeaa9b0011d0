"""Pages of assessment, a module per noun."""
