"""The factory of Flask's own documentation, and tasks each line of which is wrong."""
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
    return celery_app


flask_app = Flask("shop")
celery_app = celery_init_app(flask_app)


@shared_task(max_retires=3)  # CEL903
def add(a: int, b: int) -> int:
    return a + b


def later() -> None:
    add.delay(1)  # CEL401
    add.dealy(1, 2)  # CEL917
    add.apply_async((1, 2), coutdown=3)  # CEL404
