"""Plugs the runtime in: the Celery application, so that tasks sent from any process find it, and the logs."""

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "portal.runtime"
    verbose_name = "运行环境"

    def ready(self) -> None:
        from portal import celery, logs

        celery.app.finalize()
        logs.configure()
