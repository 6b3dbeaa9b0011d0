"""Runs the tests against a throw-away PostgreSQL and Valkey of their own.

A cluster with the migrated database is kept below `var/tests`, keyed by all that shapes it, and copied for each run:
the first test begins after a second or two instead of after initdb and every migration.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.runtime.assets import install_assets
from portal.runtime.browser import browser_environment
from portal.runtime.keys import new_keys
from portal.runtime.locks import Lock, alone
from portal.runtime.places import ROOT
from portal.runtime.postgres import Postgres
from portal.runtime.services import create_database
from portal.runtime.valkey import Valkey

KEPT = ROOT / "var" / "tests"
PREFIX = "ttp-test-"
TEMPLATE_DATABASE = "migrated"
WHOLE_SUITE = ["-n", "2", "--dist", "loadscope", "--no-loadscope-reorder"]
DAY = 86_400


def run_tests(arguments: list[str]) -> int:
    """Run pytest with `arguments`, or the whole suite on two processes; return its exit status."""
    install_assets()
    with throw_away_environment() as env:
        command = [sys.executable, "-m", "pytest", *(arguments or WHOLE_SUITE)]
        process = subprocess.Popen(command, cwd=ROOT, env=env | browser_environment(env))
        return wait_through_interrupts(process)


def wait_through_interrupts(process: subprocess.Popen[bytes]) -> int:
    """Return the exit status of `process`, which gets the terminal's Ctrl-C as we do and ends by itself."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


@contextmanager
def throw_away_environment(*, migrated: bool = True) -> Iterator[dict[str, str]]:
    """Give an environment whose database, broker, files and keys exist for the block only.

    Unless `migrated`, the kept database is not made when there is none.
    """
    sweep(Path(tempfile.gettempdir()))
    base = Path(tempfile.mkdtemp(prefix=PREFIX))
    base.chmod(0o711)  # the databases' account passes through
    owner = Lock(base / "owner.lock")
    owner.take()
    try:
        template = migrated_cluster() if migrated else None
        with running(base, template) as env:
            yield env
    finally:
        shutil.rmtree(base, ignore_errors=True)
        owner.close()


@contextmanager
def running(base: Path, template: Path | None) -> Iterator[dict[str, str]]:
    """Have throw-away servers up in `base`, from a copy of the cluster `template` if there is one."""
    postgres, valkey = Postgres(base, durable=False), Valkey(base, durable=False)
    if template:
        subprocess.run(["cp", "-a", str(template), str(postgres.data)], check=True)
    try:
        postgres.start()
        valkey.start()
        create_database(postgres)
        yield environment(base, postgres, valkey, TEMPLATE_DATABASE if template else "")
    finally:
        valkey.stop()
        postgres.stop()


def environment(base: Path, postgres: Postgres, valkey: Valkey, template: str) -> dict[str, str]:
    """Return the variables of a test run: nothing of the caller's portal settings gets in."""
    state = base / "state"
    (state / "staticfiles").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where it is missing
    fonts = KEPT / "fonts"  # cutting the fonts takes seconds, and their result is always the same
    fonts.mkdir(parents=True, exist_ok=True)
    if not (state / "fonts").exists():
        (state / "fonts").symlink_to(fonts)
    own = {
        "DATABASE_URL": postgres.url,
        "REDIS_URL": valkey.url,
        "STATE_DIR": str(state),
        "FONTS_OF_TESTS": str(fonts),
        "TEST_DATABASE_TEMPLATE": template,
        "PYTEST_PLUGINS": "tests.services",
        # A filter of one test must not offer the records of another.
        "CHOICES_SECONDS": "0",
        # Runs at the same time must not gather one another's figures; who wants to read them afterwards names a file.
        "COVERAGE_FILE": os.environ.get("COVERAGE_FILE", str(base / "coverage")),
    }
    return {**without_portal_settings(os.environ.copy()), **own, **new_keys()}


def without_portal_settings(env: dict[str, str]) -> dict[str, str]:
    """Return `env` less every variable of .env.example: a developer's settings must not change a test's result."""
    example = (ROOT / ".env.example").read_text().splitlines()
    names = {line.lstrip("# ").split("=", 1)[0] for line in example if "=" in line}
    return {name: value for name, value in env.items() if name not in names}


def migrated_cluster() -> Path | None:
    """Return the kept cluster that fits the present migrations, made now if need be; None when they do not run."""
    cluster = KEPT / f"cluster-{fingerprint()}"
    with alone(KEPT / "template.lock"):
        if not cluster.exists():
            forget_old_clusters()
            make_migrated_cluster(cluster)
    if not cluster.exists():
        return None
    os.utime(cluster)
    return cluster


def fingerprint() -> str:
    """Return a digest of all that shapes the migrated database."""
    digest = hashlib.sha256()
    # Apps stand in the project's folder or in portal/: a search of everything would walk the virtual environment.
    migrations = [*ROOT.glob("[a-z]*/migrations/*.py"), *ROOT.glob("portal/*/migrations/*.py")]
    for path in [ROOT / "requirements" / "main.lock", *sorted(migrations)]:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def make_migrated_cluster(cluster: Path) -> None:
    """Migrate a fresh cluster and move its files to `cluster`; say so and leave none when the migrations fail."""
    began = time.monotonic()
    base = Path(tempfile.mkdtemp(prefix=PREFIX))
    base.chmod(0o711)
    try:
        with running(base, None) as env:
            command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--noinput", "--verbosity", "0"]
            address = env["DATABASE_URL"].rpartition("/")[0] + f"/{TEMPLATE_DATABASE}"
            create_database(Postgres(base, durable=False), TEMPLATE_DATABASE)
            done = subprocess.run(command, check=False, env={**env, "DATABASE_URL": address})
        if done.returncode:
            sys.stderr.write("bin/test: the migrations do not run; going on without the kept database\n")
            return
        draft = cluster.with_name(f".{cluster.name}-{secrets.token_hex(4)}")
        subprocess.run(["cp", "-a", str(base / "postgres"), str(draft)], check=True)
        draft.rename(cluster)
        sys.stderr.write(
            f"bin/test: migrated database made in {time.monotonic() - began:.1f} s, kept for later runs\n"
        )
    finally:
        shutil.rmtree(base, ignore_errors=True)


def forget_old_clusters() -> None:
    """Remove kept clusters that no run has used for a day."""
    for cluster in KEPT.glob("cluster-*"):
        if time.time() - cluster.stat().st_mtime > DAY:
            shutil.rmtree(cluster, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what killed test runs left in `folder`: their servers died with them, their files did not."""
    for lock in folder.glob(f"{PREFIX}*/owner.lock"):
        if lock.stat().st_uid != os.getuid():
            continue
        owner = Lock(lock)
        if owner.try_take():
            shutil.rmtree(lock.parent, ignore_errors=True)
        owner.close()
