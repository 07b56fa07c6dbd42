"""Prices, kept in a result backend."""
from dataclasses import dataclass
from decimal import Decimal

from celery import Celery
from pydantic import BaseModel

app = Celery("prices", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")


@dataclass
class Price:
    """Price of an article."""

    article: int
    amount: Decimal


class Quote(BaseModel):
    """What we ask for."""

    amount: int


@app.task
def price(article: int) -> Price:
    return Price(article, Decimal(3))


@app.task(pydantic=True)
def quote(article: int):
    return Quote(amount=article)


@app.task(pydantic=True)
def quotes(articles: list) -> list:
    return [Quote(amount=article) for article in articles]
