"""What the app shows and takes under /api/v1/, a module per noun."""
