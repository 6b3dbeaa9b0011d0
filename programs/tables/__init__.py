"""The registers, a module per noun."""
