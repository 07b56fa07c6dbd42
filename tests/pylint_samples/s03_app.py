"""An application with its tasks, and the periodic ones set up by signal."""

from celery import Celery

app = Celery("shop")  # new: celery-broker-not-configured


@app.on_after_configure.connect
def setup_periodic_tasks(sender, **kwargs):  # gone: unused-argument
    sender.add_periodic_task(10.0, report.s("x"))


@app.task(bind=True, name="shop.report")
def report(self, title):  # gone: unused-argument
    return title


@app.task(bind=True)
def debug_task(self):
    print(f"Request: {self.request!r}")


@app.task
def plain(title, colour):  # stays: unused-argument
    return title


debug_task()  # gone: no-value-for-parameter
