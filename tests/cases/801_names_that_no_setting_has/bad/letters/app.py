from celery import Celery

app = Celery("letters")
app.config_from_object("letters.celeryconfig")
app.conf["backend"] = "redis://localhost:6379/1"
app.conf.task_time_limt = 60
