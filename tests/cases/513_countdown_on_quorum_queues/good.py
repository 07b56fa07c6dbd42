"""Reminders over quorum queues."""
from celery import Celery
from kombu import Exchange, Queue

app = Celery("reminders", broker="amqp://broker//")
app.conf.task_queues = [
    Queue(
        "reminders",
        Exchange("reminders", type="topic"),
        routing_key="reminders",
        queue_arguments={"x-queue-type": "quorum"},
    )
]
app.conf.task_default_queue = "reminders"
app.conf.task_default_exchange = "reminders"
app.conf.task_default_exchange_type = "topic"
app.conf.task_default_routing_key = "reminders"


@app.task
def remind(who: int) -> None:
    print(who)


def later(who: int) -> None:
    remind.apply_async((who,), countdown=86400)
