"""What changes assessment."""
