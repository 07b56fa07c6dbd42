"""Tenants."""
from celery import shared_task
from tenant_schemas_celery.task import TenantTask


@shared_task(base=TenantTask, bind=True)
def tidy(self):
    print("tidy", self.request.id)
