from celery import Celery, Task


class Traced(Task):
    """Runs each task in a span."""

    def __call__(self, *args, **kwargs):
        print("span")
        return super().__call__(*args, **kwargs)


app = Celery("lab", task_cls=Traced, broker="redis://localhost:6379/0")
