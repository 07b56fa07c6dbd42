"""Handlers of worker signals, connected by decorator and by call."""

from celery.signals import setup_logging, worker_process_init, worker_ready


@worker_process_init.connect
def init(**kwargs):  # gone: unused-argument
    print("init")


@setup_logging.connect
def logging_setup(loglevel, logfile, **kwargs):  # gone: unused-argument, unused-argument
    print(loglevel)


def ready(sender, **kwargs):  # gone: unused-argument, unused-argument
    print("ready")


def bye(sender, reason):  # stays: unused-argument, unused-argument
    print("bye")


worker_ready.connect(ready)
