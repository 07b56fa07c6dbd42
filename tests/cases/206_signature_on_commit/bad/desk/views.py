"""Tickets over the web."""
from desk.tasks import close, notify


def opened(ticket: int) -> None:
    notify.s(ticket).delay_on_commit()


def closed(ticket: int) -> None:
    close.apply_async_on_commit((ticket,))
