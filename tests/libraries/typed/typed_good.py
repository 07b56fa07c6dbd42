"""Models as arguments, by celery-typed."""
from celery import Celery
from celery_typed import register_pydantic_serializer
from pydantic import BaseModel

register_pydantic_serializer()
app = Celery("orders", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")


class Order(BaseModel):
    pk: int


@app.task
def charge(order: Order) -> None: ...


def later():
    charge.delay(Order(pk=1))
