"""Base classes for tasks."""

from abc import abstractmethod

from celery import Task, shared_task


class Base(Task):  # gone: abstract-method
    """Has no run, and needs none."""

    abstract = True

    def tell(self):
        return self.name


class Logged(Base):  # gone: abstract-method
    """Neither has this one."""

    def after(self):
        return self.tell()


class Strict(Base):
    """Leaves something else to its children."""

    @abstractmethod
    def source(self):
        """Where from."""

    def target(self):
        raise NotImplementedError


class Careless(Strict):  # gone: abstract-method; stays: abstract-method, abstract-method
    """Forgets it."""


@shared_task(base=Logged, bind=True)
def based(self, url):
    return self.tell(), url


based("a")  # gone: no-value-for-parameter
based.tell()
based.tel()  # new: no-member
