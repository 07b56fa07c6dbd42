"""Models as arguments, by celery-pydantic."""
from celery import Celery
from celery_pydantic import pydantic_celery
from pydantic import BaseModel

app = Celery("orders", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")
pydantic_celery(app)


class Order(BaseModel):
    pk: int


@app.task
def charge(order: Order) -> Order:
    return Order(pk=order.pk)


def later():
    charge.delay(Order(pk=1))
