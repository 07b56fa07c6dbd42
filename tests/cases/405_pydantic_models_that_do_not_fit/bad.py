"""Orders as models."""
from celery import Celery
from pydantic import BaseModel, Field

app = Celery("orders", broker="redis://localhost:6379/0")


class Line(BaseModel):
    """One line."""

    article: int


class Gift(Line):
    """A line that is wrapped."""

    paper: str = "red"


class Aliased(BaseModel):
    """Named otherwise on the wire."""

    number: int = Field(alias="no")


@app.task(pydantic=True)
def add(line: Line) -> None:
    print(line)


@app.task(pydantic=True)
def note(order: Aliased) -> None:
    print(order)


@app.task
def plain(line: Line) -> None:
    print(line)


def send() -> None:
    add.delay(Gift(article=1))
    note.delay(Aliased(no=1))
    plain.delay(Line(article=1))
    line = Line(article=2)
    plain.apply_async(kwargs={"line": line})
