"""The verbs of the rulebook: load a notice, edit or amend what it set up, move the demo's clock."""
