"""The Celery application, and the decorator of work that comes round again and again."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from celery import Celery, Task, shared_task
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()


@setup_logging.connect
def _keep_our_logging(**_arguments: Any) -> None:
    """Django has configured the logs already: being connected keeps Celery from doing it anew."""


def periodic(*, seconds: float) -> Callable[[Callable[[], Any]], Task[[], Any]]:
    """Make a function without arguments a task that beat sends every `seconds`.

    One that no worker has taken when the next is due is dropped, so that a stopped worker finds no pile of them.
    """

    def declare(function: Callable[[], Any]) -> Task[[], Any]:
        name = f"{function.__module__}.{function.__name__}"
        entry = {"task": name, "schedule": seconds, "options": {"expires": seconds}}
        app.conf.beat_schedule = {**app.conf.beat_schedule, name: entry}
        return shared_task(name=name)(function)

    return declare
