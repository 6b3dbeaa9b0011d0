"""A process that prints a run's chunks one after another, to be killed by a test."""

import sys
from pathlib import Path

import django
from django.conf import settings


def main(batch_id: int, files: str) -> None:
    """Print what is free of the run, keeping the files where the test keeps them."""
    django.setup()
    settings.MEDIA_ROOT = Path(files)
    from portal.papers.services import printing
    from tests.papers import conftest

    conftest.register()
    while printing.print_free_chunk(batch_id):
        pass


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
