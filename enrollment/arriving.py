"""What the clock does to arriving: classes whose reporting is over have their no-shows written down."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from enrollment.queries.arrival import classes_to_close
from enrollment.services.arrivals import record_no_shows
from portal.operations.actor import Actor
from programs.models import TrainingClass


def close_all(now: datetime) -> int:
    """Each class in a transaction of its own; a second run finds nothing to do. Return how many classes."""
    done = 0
    worker = Actor.system("worker")
    rows = TrainingClass.objects.select_related("project__program__rulebook")
    for each in rows.filter(pk__in=classes_to_close(timezone.localdate(now))).order_by("pk"):
        record_no_shows(worker, each)
        done += 1
    return done
