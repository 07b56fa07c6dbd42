"""Models as arguments, by celery-typed, each line wrong."""
from celery import Celery
from celery_typed import register_pydantic_serializer
from pydantic import BaseModel

register_pydantic_serializer()
app = Celery("orders", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")


class Order(BaseModel):
    pk: int


@app.task(max_retires=3)  # CEL903
def charge(order: Order) -> None: ...


def later():
    charge.delay(Order(pk=1), 3)  # CEL401
    charge.apply_async((Order(pk=1),), coutdown=3)  # CEL404
