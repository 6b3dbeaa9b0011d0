"""Pages of finance, a module per noun."""
