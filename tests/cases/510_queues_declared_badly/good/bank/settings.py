"""Queues."""
from kombu import Exchange, Queue, binding

BILLS = Exchange("bills")
EVENTS = Exchange("events", type="topic")
CELERY_TASK_QUEUES = (
    Queue(
        "bills",
        bindings=[binding(BILLS, routing_key="bills.new"), binding(BILLS, routing_key="bills.old")],
    ),
    Queue("mails", EVENTS, routing_key="mails.#"),
    Queue("audits", exchange=EVENTS, routing_key="audits.#"),
)
