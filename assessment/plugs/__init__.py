"""What the app plugs into the frame and into the apps to its left, a module per noun."""
