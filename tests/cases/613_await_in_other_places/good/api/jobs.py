from celery import Celery

celery_app = Celery("api", broker="redis://localhost:6379/0")


@celery_app.task
def resize(picture: int) -> int:
    return picture
