"""A basket of lines."""
from celery import shared_task
from pydantic import BaseModel


class Line(BaseModel):
    """One line."""

    article: int


class Basket(BaseModel):
    """All of them."""

    lines: list[Line]


@shared_task(pydantic=True)
def buy(basket: Basket) -> None:
    print(basket.lines[0].article)


@shared_task(pydantic=True)
def sell(lines: list[int]) -> None:
    print(lines[0])
