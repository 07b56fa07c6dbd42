"""What may be read of a task and set on it."""

from celery import Celery, Task

app = Celery("shop")


@app.task(bind=True, rate_limit="10/m", colour="red")
def paint(self, wall):
    return self.request.id, wall


paint.shop_name = "x"
print(paint.name, paint.rate_limit, paint.colour, paint.shop_name, paint.request.id, paint.__name__)
print(paint.max_retries, paint.app.conf.timezone, paint.__wrapped__, paint.run, paint.AsyncResult)
print(paint.colur)  # new: no-member
paint.wall.upper()  # new: no-member
paint("a")  # gone: no-value-for-parameter


def typed(task: Task):
    return task.delay()
