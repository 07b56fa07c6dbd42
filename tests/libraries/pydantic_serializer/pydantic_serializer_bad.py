"""Models as arguments, by celery-pydantic, each line wrong."""
from celery import Celery
from celery_pydantic import pydantic_celery
from pydantic import BaseModel

app = Celery("orders", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")
pydantic_celery(app)


class Order(BaseModel):
    pk: int


@app.task(max_retires=3)  # CEL903
def charge(order: Order) -> Order:
    return Order(pk=order.pk)


def later():
    charge.delay()  # CEL401
    charge.dealy(Order(pk=1))  # CEL917
