"""Tasks of a tenant, by tenant-schemas-celery."""
from celery import shared_task
from tenant_schemas_celery.app import CeleryApp as TenantAwareCeleryApp
from tenant_schemas_celery.task import TenantTask

app = TenantAwareCeleryApp("tenants", broker="redis://localhost:6379/0")
app.conf.beat_scheduler = "tenant_schemas_celery.scheduler:TenantAwareScheduler"
app.conf.beat_schedule = {
    "bill": {"task": "tenants.bill", "schedule": 3600.0, "tenant_schemas": ["public"]},
}


@app.task(tenant_cache_seconds=30, max_retries=3)
def bill(pk): ...


@shared_task(base=TenantTask)
def remind(pk): ...


def later(pk):
    bill.delay(pk)
    bill.delay_on_commit(pk)
    remind.apply_async((pk,), countdown=5)
