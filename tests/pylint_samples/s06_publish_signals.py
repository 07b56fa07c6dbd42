"""A publishing signal sends many arguments."""

from celery.signals import after_task_publish, before_task_publish


@before_task_publish.connect
def sign(  # gone: too-many-arguments, too-many-positional-arguments
    sender=None, body=None, exchange=None, routing_key=None, headers=None, properties=None, **kwargs  # gone: unused-argument, unused-argument
):
    headers["signed"] = (body, exchange, routing_key, properties)


@after_task_publish.connect
def count(sender=None, **kwargs):  # gone: unused-argument
    print(sender)


@after_task_publish.connect
def more(sender=None, headers=None, body=None, exchange=None, routing_key=None, depth=0, **kw):  # stays: too-many-arguments, too-many-positional-arguments, unused-argument
    print(sender, headers, body, exchange, routing_key, kw)


def own(first, second, third, fourth, fifth, sixth):  # stays: too-many-arguments, too-many-positional-arguments
    return first, second, third, fourth, fifth, sixth
