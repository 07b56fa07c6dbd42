"""The factory of Flask's own documentation."""
from celery import Celery, Task, shared_task
from flask import Flask


def celery_init_app(app: Flask) -> Celery:
    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    app.extensions["celery"] = celery_app
    return celery_app


flask_app = Flask("shop")
celery_app = celery_init_app(flask_app)


@shared_task(ignore_result=False)
def add(a: int, b: int) -> int:
    return a + b


def later() -> None:
    add.delay(1, 2)
