"""What a notice file says, a module per section."""
