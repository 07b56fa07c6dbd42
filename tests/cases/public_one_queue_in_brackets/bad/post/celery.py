from celery import Celery

app = Celery("post")
app.config_from_object("post.celeryconfig")
