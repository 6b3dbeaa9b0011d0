"""The child's own limits, set before it looks at the first byte."""

from __future__ import annotations

import resource

MEMORY_BYTES = 1024**3
READ_CPU_SECONDS = 20
MARK_CPU_SECONDS = 120


MARK_FILE_BYTES = 200 * 1024**2


def confine(cpu_seconds: int, file_bytes: int = 0) -> None:
    """Bound this process: 1 GB of addresses, CPU, the size of any file it writes, no core file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
