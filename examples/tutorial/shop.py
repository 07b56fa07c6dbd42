"""The shop's database: Django's models, without a Django project around them."""

import os

import django
from django.conf import settings
from django.db import connection, models

if not settings.configured:
    file = os.path.join(os.environ.get("SHOP_FOLDER", "."), "shop.sqlite3")
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "OPTIONS": {"timeout": 20}}
    settings.configure(DATABASES={"default": database}, USE_TZ=True)
    django.setup()


class Order(models.Model):
    price = models.IntegerField(null=True)
    mailed = models.BooleanField(default=False)

    class Meta:
        app_label = "shop"


class Payment(models.Model):
    order_id = models.IntegerField()

    class Meta:
        app_label = "shop"


def create_tables():
    with connection.schema_editor() as editor:
        editor.create_model(Order)
        editor.create_model(Payment)
