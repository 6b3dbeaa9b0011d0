"""What leads from which state to which, a module per noun."""
