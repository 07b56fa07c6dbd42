"""Tasks inside classes."""

from celery import shared_task


class Service:
    """Holds its tasks."""

    @staticmethod
    @shared_task
    def deliver(address):
        return address

    @staticmethod
    @shared_task(bind=True)
    def __inner(self, address):  # stays: bad-staticmethod-argument
        return self.request.id, address

    def later(self, address):
        self.__inner.delay(address)
        return self.deliver.delay(address)

    def now(self, address):
        return self.missing(address)  # stays: no-member


Service.deliver.delay("a")
Service.deliver("a")
Service.deliver()  # gone: no-value-for-parameter; new: celery-arguments-do-not-fit
Service.deliver.dealy("a")  # new: no-member
