"""Tenants."""
from celery import shared_task
from tenant_schemas_celery.task import TenantTask


@shared_task(base=TenantTask, bind=True)
def tidy():
    print("tidy")
