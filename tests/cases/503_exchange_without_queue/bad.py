"""Work for the machines with graphics cards."""
from celery import Celery
from kombu import Exchange, Queue

app = Celery("cards", broker="redis://localhost:6379/0")
app.conf.task_queues = [
    Queue("celery", Exchange("celery"), routing_key="celery"),
    Queue("cards", Exchange("cards", type="topic"), routing_key="cards.#"),
]


@app.task
def draw(picture: int) -> int:
    return picture


def order(picture: int) -> None:
    draw.apply_async((picture,), exchange="cards", routing_key="cards.big")
