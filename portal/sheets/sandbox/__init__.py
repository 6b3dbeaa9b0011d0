"""What runs in the limited child process: it meets hostile files, and may die without harm.

Nothing here imports Django or anything of the portal outside this package: the child starts in milliseconds.
"""
