"""A basket of lines."""
from typing import Dict, List

from celery import shared_task
from pydantic import BaseModel


class Line(BaseModel):
    """One line."""

    article: int


@shared_task(pydantic=True)
def buy(lines: list[Line]) -> None:
    print(lines[0].article)


@shared_task(pydantic=True)
def sell(lines: List[Line], by_name: Dict[str, Line]) -> None:
    print(lines[0].article, by_name)


@shared_task(pydantic=True)
def give(*lines: Line) -> None:
    print(lines[0].article)
