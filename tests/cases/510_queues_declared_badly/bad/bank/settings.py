"""Queues: one key and then another for the same queue; a topic exchange that nobody sorts."""
from kombu import Exchange, Queue

BILLS = Exchange("bills")
EVENTS = Exchange("events", type="topic")
CELERY_TASK_QUEUES = (
    Queue("bills", BILLS, routing_key="bills.new"),
    Queue("bills", BILLS, routing_key="bills.old"),
    Queue("mails", EVENTS),
    Queue("audits", exchange=EVENTS),
)
