"""Reports made of parts."""
from celery import Celery, chain, group

app = Celery("reports", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")


@app.task
def part(number: int) -> int:
    return number


@app.task
def bind_parts(numbers: list) -> int:
    return sum(numbers)


def make(numbers: list) -> None:
    chain(part.si(1), group(part.si(n) for n in numbers), bind_parts.s())()


def make_small() -> None:
    chain(group([]), bind_parts.s()).delay()
