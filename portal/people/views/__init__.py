"""Pages of teachers and their transfers."""
