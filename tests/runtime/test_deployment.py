"""docker-compose.yml, Dockerfile, .env.example and the settings, held against one another: there is no Docker here."""

import re
from typing import Any

import pytest
import yaml

from portal.runtime.__main__ import COMMANDS
from portal.runtime.places import ROOT
from portal.runtime.processes import _COMMANDS as PROCESSES
from portal.runtime.processes import DEFAULTS

SETTINGS = (ROOT / "portal" / "settings.py").read_text()
READ = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', SETTINGS))
REQUIRED = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"\s*\)', SETTINGS))
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APP_SERVICES = ("prepare", "web", "worker", "beat")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
# What only docker-compose.yml itself, or a server in it, reads.
OF_COMPOSE = {"POSTGRES_PASSWORD", "SITE_ADDRESS", "TLS"}
# Set by the image, or of no use in it.
OF_THE_IMAGE = {"STATE_DIR", "STATIC_ROOT", "STATIC_MANIFEST", "HOST"}


def example_variables() -> set[str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return {match.group(1) for line in lines if (match := re.match(r"#?([A-Z_]+)=", line))}


def interpolated(text: str) -> set[str]:
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text))


def test_the_patterns_find_what_the_settings_read() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"} <= REQUIRED
    assert {"DEBUG", "EMAIL_URL"} <= READ - REQUIRED


@pytest.mark.parametrize("name", APP_SERVICES)
def test_each_variable_of_a_container_is_one_that_is_read(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= READ | set(DEFAULTS)


@pytest.mark.parametrize("name", APP_SERVICES)
def test_each_variable_without_a_default_is_given(name: str) -> None:
    assert set(SERVICES[name]["environment"]) >= REQUIRED


def test_the_example_lists_exactly_what_there_is() -> None:
    assert example_variables() == READ | set(DEFAULTS) | OF_COMPOSE


def test_compose_takes_from_the_file_only_what_the_example_names() -> None:
    assert interpolated(COMPOSE_TEXT) <= example_variables()


def test_secrets_come_from_outside_and_their_lack_stops_the_start() -> None:
    environment = SERVICES["web"]["environment"]
    for name in ("SECRET_KEY", "FIELD_KEYS", "DIGEST_KEY"):
        assert environment[name] == f"${{{name}:?}}"
    assert "${APPLICATION_PASSWORD:?}" in environment["DATABASE_URL"]
    assert "${POSTGRES_PASSWORD:?}" in SERVICES["prepare"]["environment"]["DATABASE_URL"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_only_the_migrations_own_the_database(name: str) -> None:
    environment, owner = SERVICES[name]["environment"], SERVICES["prepare"]["environment"]
    assert environment["DATABASE_URL"].startswith(f"postgres://{owner['APPLICATION_ROLE']}:")
    assert "POSTGRES_PASSWORD" not in str(environment)
    assert {key: value for key, value in owner.items() if environment.get(key) != value}.keys() == {
        "DATABASE_URL",
        "APPLICATION_ROLE",
        "APPLICATION_PASSWORD",
    }


def test_the_image_sets_what_compose_leaves_to_it() -> None:
    section = re.search(r"^ENV (.*?)\n[A-Z]", DOCKERFILE, re.DOTALL | re.MULTILINE)
    assert section is not None
    given = set(re.findall(r"([A-Z_]+)=", section.group(1)))
    assert given >= OF_THE_IMAGE
    assert set(SERVICES["web"]["environment"]).isdisjoint(OF_THE_IMAGE)


@pytest.mark.parametrize("name", APP_SERVICES)
def test_a_container_starts_the_process_of_bin_run_by_its_name(name: str) -> None:
    assert SERVICES[name]["command"] == ["python", "-m", "portal.runtime", name]
    assert name in PROCESSES
    assert name not in COMMANDS, "a command of that name would shadow the process"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"prepare"}))
def test_each_lasting_container_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_processes_wait_for_the_migrations(name: str) -> None:
    assert SERVICES[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}


def test_every_volume_is_declared() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_the_database_is_made_with_the_locale_of_the_embedded_one() -> None:
    options = SERVICES["db"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert {"--lc-ctype=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"} <= set(options)


def test_nothing_but_the_proxy_is_reachable_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_the_containers_do_not_run_as_root_and_may_write_only_where_they_must() -> None:
    assert re.search(r"^USER portal$", DOCKERFILE, re.MULTILINE)
    assert all(SERVICES[name]["read_only"] for name in APP_SERVICES)


def test_the_proxy_lets_the_largest_upload_through() -> None:
    limit = re.search(r"max_size (\d+)MB", (ROOT / "docker" / "Caddyfile").read_text())
    scan = re.search(r"SCAN_MAX_BYTES = (\d+) \* 1024 \* 1024", SETTINGS)
    assert limit is not None
    assert scan is not None
    assert int(limit.group(1)) > int(scan.group(1))
