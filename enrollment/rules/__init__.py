"""The rule kinds, a module per noun."""
