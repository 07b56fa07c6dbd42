from celery import Celery

app = Celery("bank")
app.config_from_object("bank.settings", namespace="CELERY")
