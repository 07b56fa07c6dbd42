"""Exception classes of libraries that tasks meet, by the dotted name that they are imported by."""

from __future__ import annotations

from typing import Final

#: Modules in which every public name in CapWords is an exception class, but for `_OTHERS`.
_MODULES: Final = frozenset(
    {
        *("celery.exceptions", "kombu.exceptions", "amqp.exceptions", "billiard.exceptions"),
        *("requests.exceptions", "urllib3.exceptions", "urllib.error", "http.client"),
        *("redis.exceptions", "botocore.exceptions", "django.core.exceptions", "sqlalchemy.exc"),
        *("aiohttp.client_exceptions", "psycopg2.errors", "psycopg.errors"),
    }
)
_OTHERS: Final = frozenset(
    {
        *("redis.exceptions.Enum", "redis.exceptions.ExceptionType"),
        *("requests.exceptions.TYPE_CHECKING", "requests.exceptions.Any"),
        *("sqlalchemy.exc.DontWrapMixin", "sqlalchemy.exc.HasDescriptionCode"),
        *("http.client.HTTPConnection", "http.client.HTTPSConnection", "http.client.HTTPResponse"),
        *("http.client.HTTPMessage",),
    }
)
_DATABASE: Final = (
    *("Error", "InterfaceError", "DatabaseError", "DataError", "OperationalError"),
    *("IntegrityError", "InternalError", "ProgrammingError", "NotSupportedError"),
)
_NAMES: Final = {
    "requests": (
        *("RequestException", "ConnectionError", "HTTPError", "Timeout", "ConnectTimeout"),
        *("ReadTimeout", "TooManyRedirects", "URLRequired", "JSONDecodeError"),
    ),
    "httpx": (
        *("HTTPError", "RequestError", "TransportError", "TimeoutException", "ConnectTimeout"),
        *("ReadTimeout", "WriteTimeout", "PoolTimeout", "NetworkError", "ConnectError"),
        *("ReadError", "WriteError", "CloseError", "ProtocolError", "LocalProtocolError"),
        *("RemoteProtocolError", "ProxyError", "UnsupportedProtocol", "DecodingError"),
        *("TooManyRedirects", "HTTPStatusError", "InvalidURL", "CookieConflict", "StreamError"),
    ),
    "redis": (
        *("RedisError", "ConnectionError", "TimeoutError", "BusyLoadingError", "DataError"),
        *("AuthenticationError", "InvalidResponse", "PubSubError", "ReadOnlyError"),
        *("ResponseError", "WatchError"),
    ),
    "aiohttp": ("ClientError", "ClientConnectionError", "ClientResponseError", "ServerTimeoutError"),
    "django.db": (*_DATABASE,),
    "django.db.utils": (*_DATABASE,),
    "psycopg2": _DATABASE,
    "psycopg": _DATABASE,
    "socket": ("timeout", "gaierror", "herror", "error"),
    "ssl": ("SSLError", "SSLZeroReturnError", "SSLEOFError", "CertificateError"),
    "smtplib": (
        *("SMTPException", "SMTPServerDisconnected", "SMTPResponseException"),
        *("SMTPSenderRefused", "SMTPRecipientsRefused", "SMTPDataError", "SMTPConnectError"),
        *("SMTPHeloError", "SMTPAuthenticationError", "SMTPNotSupportedError"),
    ),
    "json": ("JSONDecodeError",),
    "subprocess": ("CalledProcessError", "TimeoutExpired", "SubprocessError"),
    "asyncio": ("TimeoutError", "CancelledError"),
    "concurrent.futures": ("TimeoutError", "CancelledError"),
}
_KNOWN: Final = frozenset(f"{module}.{name}" for module, names in _NAMES.items() for name in names)
#: Called so, and no exception: how long a client waits.
_TIMEOUTS: Final = frozenset(
    {
        *("httpx.Timeout", "urllib3.Timeout", "urllib3.util.Timeout", "urllib3.util.timeout.Timeout"),
        *("aiohttp.ClientTimeout", "aiohttp.client.ClientTimeout"),
    }
)


def is_exception_class(name: str) -> bool:
    """Tell whether a dotted name is one of a library's exception classes."""
    module, _, last = name.rpartition(".")
    if module in _MODULES and last[:1].isupper() and name not in _OTHERS:
        return True
    return name in _KNOWN


def is_likely_exception_class(name: str) -> bool:
    """Tell whether a class that can't be read is called as only exception classes are."""
    last = name.rpartition(".")[2]
    if not last[:1].isupper() or last.isupper() or "_" in last or name in _TIMEOUTS:
        return False
    return last.endswith(("Error", "Exception", "Timeout"))
