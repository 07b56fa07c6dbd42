from celery import Celery

app = Celery("portal")
app.config_from_object("portal.config", namespace="CELERY")
