"""Prices, kept in a result backend."""
from celery import Celery
from pydantic import BaseModel

app = Celery("prices", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")


class Quote(BaseModel):
    """What we ask for."""

    amount: int


@app.task(pydantic=True)
def quote(article: int) -> Quote:
    return Quote(amount=article)


@app.task
def quotes(articles: list) -> list:
    return [Quote(amount=article).model_dump() for article in articles]
