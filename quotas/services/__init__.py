"""The verbs of quotas: draw up and issue tables, split, transfer, reclaim, release."""
