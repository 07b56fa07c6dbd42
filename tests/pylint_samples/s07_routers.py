"""Routers have a fixed signature."""

from celery import Celery

app = Celery("shop")


def route_task(name, args, kwargs, options, task=None, **kw):  # gone: unused-argument, unused-argument, unused-argument, unused-argument, unused-argument
    if name.startswith("shop."):
        return {"queue": "shop"}
    return None


def by_kind(task_name, arguments, keywords, options, task=None):
    return {"queue": task_name, "args": arguments, "kwargs": keywords, "options": options} or task


class Router:  # stays: too-few-public-methods
    """The old form."""

    def route_for_task(self, task, args=None, kwargs=None):
        return {"queue": task, "args": args, "kwargs": kwargs}


def route(name, args, kwargs):  # stays: unused-argument, unused-argument
    return name


app.conf.task_routes = (route_task, by_kind, Router())
