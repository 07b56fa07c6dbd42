"""Calls that wait for something outside of the process, and calls that must not run twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flake8_celery.record import NamedTuple


class Wait(NamedTuple):
    """A call that waits, and how its patience is given.

    `position` is where `timeout` may stand by position; `bounded` means a finite default;
    `default_socket` that `socket.setdefaulttimeout` is its default; `named` that it connects only
    when it is given a host; `network` is false for a process on this machine.
    """

    position: int | None = None
    bounded: bool = False
    default_socket: bool = False
    named: bool = False
    network: bool = True


_VERBS: Final = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_FOR_EVER: Final = Wait()
_BOUNDED: Final = Wait(bounded=True)

WAITS: Final[Mapping[str, Wait]] = {
    **{f"requests.{verb}": _FOR_EVER for verb in _VERBS},
    **{f"requests.api.{verb}": _FOR_EVER for verb in _VERBS},
    **{f"httpx.{verb}": _BOUNDED for verb in (*_VERBS, "stream")},
    "urllib.request.urlopen": Wait(2, default_socket=True),
    "urllib3.request": Wait(default_socket=True),
    "smtplib.SMTP": Wait(3, default_socket=True, named=True),
    "smtplib.SMTP_SSL": Wait(5, default_socket=True, named=True),
    "ftplib.FTP": Wait(4, default_socket=True, named=True),
    "ftplib.FTP_TLS": Wait(7, default_socket=True, named=True),
    "poplib.POP3": Wait(2, default_socket=True, named=True),
    "poplib.POP3_SSL": Wait(4, default_socket=True, named=True),
    "imaplib.IMAP4": Wait(2, default_socket=True, named=True),
    "imaplib.IMAP4_SSL": Wait(5, default_socket=True, named=True),
    "socket.create_connection": Wait(1, default_socket=True),
    "subprocess.run": Wait(network=False),
    "subprocess.call": Wait(network=False),
    "subprocess.check_call": Wait(network=False),
    "subprocess.check_output": Wait(network=False),
}

#: What makes an object whose methods below wait, and whether they have a finite default.
SESSIONS: Final[Mapping[str, bool]] = {
    "requests.Session": False,
    "requests.session": False,
    "requests.sessions.Session": False,
    "requests.sessions.session": False,
    "httpx.Client": True,
}
SESSION_METHODS: Final = frozenset(_VERBS)

#: Words of which one stands in every module that makes such a call.
NETWORK_WORDS: Final = (
    *("requests.", "from requests", "requests as", "httpx.", "from httpx", "httpx as"),
    *("urlopen", "urllib3."),
)
WAIT_WORDS: Final = (
    *NETWORK_WORDS,
    *("smtplib", "ftplib", "poplib", "imaplib", "create_connection"),
    *("subprocess.", "from subprocess", "subprocess as"),
)

#: What each such call is named by, whatever holds it.
WAIT_NAMES: Final = tuple(sorted({name.rpartition(".")[2] for name in WAITS} | SESSION_METHODS))

#: Calls that mail somebody.
MAILS: Final = frozenset(
    {
        "django.core.mail.send_mail",
        "django.core.mail.send_mass_mail",
        "django.core.mail.mail_admins",
        "django.core.mail.mail_managers",
    }
)
#: Classes of messages: `.send()` on one of them mails.
MESSAGES: Final = frozenset(
    {
        "django.core.mail.EmailMessage",
        "django.core.mail.EmailMultiAlternatives",
        "django.core.mail.message.EmailMessage",
        "django.core.mail.message.EmailMultiAlternatives",
    }
)
#: Calls that take money, unless they are given a key that makes them repeatable.
CHARGES: Final = frozenset(
    {
        "stripe.Charge.create",
        "stripe.PaymentIntent.create",
        "stripe.Refund.create",
        "stripe.Transfer.create",
        "stripe.Payout.create",
        "stripe.Invoice.create",
        "stripe.InvoiceItem.create",
        "stripe.Subscription.create",
        "braintree.Transaction.sale",
        "razorpay.Payment.capture",
        "paypalrestsdk.Payment.create",
    }
)
#: Keywords that make a call safe to repeat.
REPEATABLE: Final = frozenset({"idempotency_key", "ignore_conflicts", "update_conflicts"})
REPEAT_WORDS: Final = (
    *("mail", "EmailM", "stripe", "braintree", "razorpay", "paypal", ".create(", "_create("),
)
