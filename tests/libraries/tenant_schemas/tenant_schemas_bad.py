"""Tasks of a tenant, by tenant-schemas-celery, each line wrong."""
from tenant_schemas_celery.app import CeleryApp

app = CeleryApp("tenants", broker="redis://localhost:6379/0")
app.conf.beat_scheduler = "tenant_schemas_celery.scheduler:TenantAwareScheduler"
app.conf.beat_schedule = {
    "bill": {"task": "tenants.bill", "schedule": 3600.0, "tenant_schema": ["public"]},  # CEL722
}


@app.task(max_retires=3)  # CEL903
def bill(pk): ...


def later(pk):
    bill.delay()  # CEL401
    bill.dealy(pk)  # CEL917
    bill.apply_async((pk,), coutdown=5)  # CEL404
