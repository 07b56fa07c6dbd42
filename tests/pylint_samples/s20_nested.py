"""Tasks made inside functions, and asynchronous ones."""

from celery import Celery


def build(broker):
    app = Celery("shop", broker=broker)  # new: celery-shared-task-finds-no-app

    @app.task(bind=True)
    def ping(self, number):
        return self.request.id, number

    @app.task
    def pong(number):
        return number

    ping(1)  # gone: no-value-for-parameter
    pong()  # gone: no-value-for-parameter; new: celery-arguments-do-not-fit
    return app, ping.delay, pong.dealy  # new: celery-unknown-task-method, no-member


async def serve(request, unused):  # stays: unused-argument
    return request
