"""tenant-schemas-celery: each message carries the schema of its tenant."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import AppClass, Library, Scheduler, TaskBase

_TASK: Final = "tenant_schemas_celery.task.TenantTask"

LIBRARY: Final = Library(
    "tenant-schemas-celery",
    "5.0.0",
    bases=(
        TaskBase(
            (_TASK,),
            options=frozenset({"tenant_cache_seconds", "tenant_databases"}),
            adds=frozenset({"tenant_cache", "get_tenant_databases", "get_tenant_for_schema"}),
        ),
    ),
    applications=(
        AppClass(("tenant_schemas_celery.app.CeleryApp",), _TASK),
    ),
    schedulers=tuple(
        Scheduler(
            (f"tenant_schemas_celery.scheduler.{name}",),
            name,
            keys=frozenset({"relative", "last_run_at", "total_run_count", "tenant_schemas"}),
            unknown="beat exits with TypeError",
        )
        for name in ("TenantAwareScheduler", "TenantAwarePersistentScheduler")
    ),
)
