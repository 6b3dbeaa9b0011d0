"""Rows and figures across models, a module per noun."""
