"""What may be done with papers: print, revoke, verify."""
