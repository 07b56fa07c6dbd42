"""What the mill does each minute."""
from mill.app import celery


@celery.task
def grind() -> None:
    """Grinds."""


@celery.on_after_configure.connect
def plan(sender, **kwargs) -> None:
    sender.add_periodic_task(60, grind.s())
