"""Short tasks, atomic writes, retries: the spellings that the pages' examples don't show."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from flake8_celery.core.project.files import DISK, clear
from flake8_celery.linter import lint
from flake8_celery.options import Options

HEAD = "from celery import shared_task, group, chord\n"


def lines(code: str, source: str, filename: str = "example.py", **settings: str) -> list[int]:
    """The lines of the source that a rule reports."""
    options = Options({name.replace("_", "-"): value for name, value in settings.items()})
    options.selected = frozenset({code})
    found = lint(HEAD + textwrap.dedent(source), filename, options)
    return [finding.line - 1 for finding in found if finding.code == code]


def task(body: str, before: str = "", options: str = "") -> str:
    """A task with a body, after some lines of its module."""
    decorator = f"@shared_task({options})" if options else "@shared_task"
    return f"{textwrap.dedent(before)}\n{decorator}\ndef work(pk, items=()):\n" + textwrap.indent(
        textwrap.dedent(body).strip("\n"), "    "
    )


def count(code: str, source: str, **settings: str) -> int:
    """How often a rule reports a source."""
    return len(lines(code, source, **settings))


@pytest.mark.parametrize(
    ("body", "before", "found"),
    [
        ("time.sleep(5)", "import time", 1),
        ("sleep(5)", "from time import sleep", 1),
        ("pause(5)", "from time import sleep as pause", 1),
        ("while True: t.sleep(LONG)", "import time as t\nLONG = 60", 1),
        ("time.sleep(0.5)", "import time", 0),
        ("while not items: time.sleep(0.5)", "import time", 1),
        ("for item in items: time.sleep(0.5)", "import time", 0),
        ("time.sleep(items)", "import time", 0),
        ("asyncio.sleep(5)", "import asyncio", 0),
        ("sleep(5)", "def sleep(n): ...", 0),
        ("def later(): time.sleep(5)\nreturn later", "import time", 0),
        ("if settings.DEBUG: time.sleep(5)", "import time", 0),
        ("match pk:\n    case True: time.sleep(5)\n    case None: pass", "import time", 1),
        ("time.sleep(5)\n[1.5 for _ in items]\n[b'' for _ in items]", "import time", 1),
        ("wait()", "import time\ndef wait():\n    time.sleep(5)", 1),
        ("wait()", "import time\nasync def wait():\n    time.sleep(5)", 0),
        ("wait()", "import time\ndef wait():\n    yield time.sleep(5)", 0),
        ("wait()", "import time\n@later\ndef wait():\n    time.sleep(5)", 0),
        ("run(wait)", "import time\ndef wait():\n    time.sleep(5)", 0),
        ("outer()", "import time\ndef outer():\n    wait()\ndef wait():\n    time.sleep(5)", 0),
    ],
)
def test_sleep(body: str, before: str, found: int) -> None:
    assert count("CEL103", task(body, before)) == found


SESSION = "import requests\nsession = requests.Session()\n"


@pytest.mark.parametrize(
    ("body", "before", "found"),
    [
        ("requests.post(pk, json={})", "import requests", 1),
        ("post(pk)", "from requests import post", 1),
        ("requests.get(pk, timeout=None)", "import requests", 1),
        ("requests.get(pk, timeout=5)", "import requests", 0),
        ("requests.get(pk, timeout=items)", "import requests", 0),
        ("requests.get(pk, **items)", "import requests", 0),
        ("session.get(pk)", SESSION, 1),
        ("session.get(pk)", SESSION + "session.mount('https://', Adapter())", 0),
        ("with requests.Session() as s:\n    s.put(pk)", "import requests", 1),
        ("items.get(pk)", "import requests", 0),
        ("httpx.get(pk)", "import httpx", 0),
        ("httpx.get(pk, timeout=None)", "import httpx", 1),
        ("urlopen(pk, None, 5)", "from urllib.request import urlopen", 0),
        ("urlopen(pk)", "from urllib.request import urlopen", 1),
        ("urlopen(pk)", "import socket\nfrom urllib.request import urlopen\n"
         "socket.setdefaulttimeout(9)", 0),
        ("smtplib.SMTP('mail')", "import smtplib", 1),
        ("smtplib.SMTP()", "import smtplib", 0),
    ],
)  # fmt: skip
def test_timeout(body: str, before: str, found: int) -> None:
    assert count("CEL104", task(body, before)) == found


@pytest.mark.parametrize(
    ("options", "call", "found"),
    [
        ("", "run(['x'])", 1),
        ("", "check_output(['x'])", 1),
        ("", "run(['x'], timeout=9)", 0),
        ("time_limit=60", "run(['x'])", 0),
        ("soft_time_limit=LIMIT", "run(['x'])", 0),
    ],
)
def test_timeout_of_a_process(options: str, call: str, found: int) -> None:
    before = (
        "import subprocess\nfrom celery import Celery\napp = Celery('shop', broker='amqp://')\n"
    )
    source = f"{before}@app.task({options})\ndef work(): subprocess.{call}"
    assert count("CEL104", source) == found


@pytest.mark.parametrize(
    ("handlers", "found"),
    [
        ("except Exception:\n        pass", 1),
        ("except:\n        pass", 1),
        ("except (OSError, Exception):\n        pass", 1),
        ("except OSError:\n        pass", 0),
        ("except SoftTimeLimitExceeded:\n        raise\n    except Exception:\n        pass", 0),
        ("except Exception:\n        break", 0),
        ("except Exception:\n        raise", 0),
    ],
)
def test_soft_limit_in_a_loop(handlers: str, found: int) -> None:
    body = f"for item in items:\n    try:\n        push(item)\n    {handlers}"
    assert count("CEL151", task(body, options="soft_time_limit=9")) == found
    assert count("CEL151", task(body)) == 0


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("start(pk)\ntry:\n    push(pk)\n    push(pk)\nexcept Exception:\n    pass", 1),
        ("try:\n    push(pk)\nexcept Exception:\n    return False", 1),
        ("try:\n    push()\nexcept SoftTimeLimitExceeded:\n    raise\nexcept:\n    pass", 0),
        ("try:\n    push(pk)\nexcept Exception:\n    clean()\n    raise", 0),
        ("try:\n    push(pk)\nexcept Exception as e:\n    work.retry(exc=e)", 0),
        ("try:\n    push(pk)\nexcept Exception:\n    pass\nstart()\ngo()\nstop()", 0),
    ],
)
def test_soft_limit_around_the_body(body: str, found: int) -> None:
    assert count("CEL151", task(body, options="soft_time_limit=9")) == found


ALLOWED = "from celery.result import allow_join_result\n@shared_task\ndef price(): ...\n"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("price.delay().get(disable_sync_subtasks=False)", 1),
        ("with allow_join_result():\n    price.delay().get()", 1),
        ("price.delay().get(disable_sync_subtasks=True)", 0),
        ("price.delay().get()", 0),
    ],
)
def test_waiting_that_is_allowed(body: str, found: int) -> None:
    assert count("CEL152", task(body, ALLOWED)) == found
    assert count("CEL152", task(body, ALLOWED), celery_pool="gevent") == 0


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("for item in items:\n    push.delay(item)", 1),
        ("for item in items:\n    if item:\n        push.apply_async((item,))", 1),
        ("[push.delay(item) for item in items]", 1),
        ("while items:\n    push.delay(items.pop())", 1),
        ("for item in items:\n    if item:\n        push.delay(item)\n        break", 0),
        ("for item in (1, 2):\n    push.delay(item)", 0),
        ("for item in items:\n    on_commit(lambda: push.delay(item))", 0),
        ("group(push.s(item) for item in items).delay()", 0),
        ("push.delay(pk)", 0),
    ],
)
def test_dispatch_in_loop(body: str, found: int) -> None:
    assert count("CEL153", task(body, "@shared_task\ndef push(x): ...")) == found


WEB = """
import requests
def price_of(pk): return requests.get(pk, timeout=9).json()
def stock_of(pk): return requests.get(pk, timeout=9).json()
def name_of(pk): return requests.get(pk, timeout=9).json()
"""
THREE = "a = price_of(pk)\nb = stock_of(pk)\nc = name_of(pk)\n"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (THREE + "return a, b, c", 1),
        (THREE + "save(a + b + c)", 1),
        ("a = price_of(pk)\nb = stock_of(pk)\nreturn a, b", 0),
        ("a = price_of(pk)\nb = stock_of(a)\nc = name_of(b)\nreturn a, b, c", 0),
        (THREE, 0),
        ("a = price_of(pk)\nif not a:\n    return\nb = stock_of(pk)\nc = name_of(pk)\n"
         "return a, b, c", 0),
        ("return [price_of(item) for item in items]", 1),
        ("return {item: requests.get(item, timeout=3).text for item in items}", 1),
        ("found = []\nfor item in items:\n    found.append(price_of(item))\nreturn found", 1),
        ("total = 0\nfor item in items:\n    total += price_of(item)\nreturn total", 1),
        ("for item in items:\n    price_of(item)", 0),
        ("for item in items:\n    a = price_of(item)\n    if a:\n        break\nreturn a", 0),
        ("found = []\nfor item in (1, 2):\n    found.append(price_of(item))\nreturn found", 0),
        ("found = []\nnext = pk\nfor _ in items:\n    page = price_of(next)\n"
         "    next = page['next']\n    found.append(page)\nreturn found", 0),
    ],
)  # fmt: skip
def test_sequential_work(body: str, found: int) -> None:
    assert count("CEL154", task(body, WEB)) == found


PUSH = "@shared_task\ndef push(x): ...\n@shared_task\ndef done(x): ..."


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("group(push.s(u.pk) for u in User.objects.all()).delay()", 1),
        ("group([push.s(u) for u in list(User.objects.values_list('pk'))])()", 1),
        ("chord([push.s(u) for u in User.objects.filter(a=1).iterator()])(done.s())", 1),
        ("rows = User.objects.all()\nsteps = [push.s(u) for u in rows]\ngroup(steps).delay()", 1),
        ("group(push.s(u) for u in User.objects.all()[:100]).delay()", 0),
        ("group(push.s(u) for u in items).delay()", 0),
        ("group(push.s(u) for u in User.objects.in_bulk()).delay()", 0),
    ],
)
def test_fan_out(body: str, found: int) -> None:
    assert count("CEL155", task(body, PUSH)) == found


GOT = "row = Product.objects.get(pk=pk)\n"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (GOT + "row.n += 1\nrow.save()", 1),
        (GOT + "row.n = row.n - 2\nrow.save(update_fields=['n'])", 1),
        ("for row in Product.objects.all():\n    row.n += 1\n    row.save()", 1),
        (GOT + "row.n = F('n') + 1\nrow.save()", 0),
        (GOT + "row.n += 1", 0),
        (GOT + "row.n = 1\nrow.save()", 0),
        (GOT + "row.n = other.n + 1\nrow.save()", 0),
        ("row = Product.objects.select_for_update().get(pk=pk)\nrow.n += 1\nrow.save()", 0),
        ("with transaction.atomic():\n    row = Product.objects.get()\n    row.n += 1\n"
         "    row.save()", 0),
        ("row = Product.objects.create()\nrow.n += 1\nrow.save()", 0),
        ("row = items\nrow.n += 1\nrow.save()", 0),
    ],
)  # fmt: skip
def test_read_modify_write(body: str, found: int) -> None:
    assert count("CEL250", task(body)) == found


MAIL = "from django.core import mail\nfrom django.core.mail import send_mail, EmailMessage\n"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("send_mail('a', 'b', None, [pk])", 1),
        ("mail.send_mail('a', 'b', None, [pk])", 1),
        ("EmailMessage('a').send()", 1),
        ("message = EmailMessage('a')\nmessage.send()", 1),
        ("Order.objects.create(pk=pk)", 1),
        ("notify()", 1),
        ("Order.objects.get_or_create(pk=pk)", 0),
        ("Order.objects.bulk_create(items, ignore_conflicts=True)", 0),
        ("if not done(pk):\n    send_mail('a', 'b', None, [pk])", 0),
        ("if done(pk):\n    return\nsend_mail('a', 'b', None, [pk])", 0),
        ("if done(pk):\n    return\nnotify()", 0),
        ("try:\n    Order.objects.create(pk=pk)\nexcept IntegrityError:\n    pass", 0),
        ("socket.send(pk)", 0),
    ],
)
def test_second_run(body: str, found: int) -> None:
    before = MAIL + "def notify():\n    send_mail('a', 'b', None, [1])\n"
    assert count("CEL251", task(body, before, "acks_late=True")) == found
    assert count("CEL251", task(body, before)) == 0


ATOMIC = "from django.db import transaction\n"
ORDER = "order = Order.objects.get(pk=pk)\n"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (ORDER + "order.save()\nStock.objects.update(n=1)", 1),
        (ORDER + "order.save()\nbook(pk)", 1),
        (ORDER + "order.save()\norder.save()", 0),
        (ORDER + "order.save()", 0),
        (ORDER + "with transaction.atomic():\n    order.save()\n    Stock.objects.update(n=1)", 0),
        (ORDER + "with transaction.atomic():\n    order.save()\n    book(pk)", 0),
        (ORDER + "if pk:\n    order.save()\nelse:\n    Stock.objects.update(n=1)", 0),
        (ORDER + "try:\n    order.save()\nexcept OSError:\n    Stock.objects.update(n=1)", 0),
        ("Order.objects.filter(a=1).delete()\nStock.objects.filter(a=1).delete()", 0),
        ("form.save()\nfile.save()", 0),
    ],
)
def test_writes(body: str, found: int) -> None:
    before = ATOMIC + "def book(pk):\n    Stock.objects.update(n=pk)\n"
    assert count("CEL252", task(body, before)) == found


DJANGO = """
from django.db import models, transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
@shared_task
def index(pk): ...
"""


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("class P(models.Model):\n    def save(self):\n        super().save()\n"
         "        index.delay(1)", 1),
        ("class P(Base):\n    x = models.TextField()\n    def save(self):\n"
         "        super().save()\n        index.delay(1)", 1),
        ("class F(BaseForm):\n    x = models.TextField\n    def save(self):\n"
         "        super().save()\n        index.delay(1)", 0),
        ("@receiver([post_save])\ndef f(**kw):\n    index.apply_async((1,))", 1),
        ("def f(**kw):\n    index.delay(1)\npost_save.connect(f, sender=P)", 1),
        ("def f(sender, instance, **kw):\n    index.delay(1)", 1),
        ("def f(sender, **kw):\n    index.delay(kw['instance'].pk)", 1),
        ("def f(sender, order):\n    index.delay(1)", 0),
        ("@receiver(post_save)\ndef f(**kw):\n    on_commit(lambda: index.delay(1))", 0),
        ("@receiver(post_save)\ndef f(**kw):\n    index.apply_async((1,), countdown=5)", 0),
        ("@receiver(paid)\ndef f(**kw):\n    index.delay(1)", 0),
    ],
)  # fmt: skip
def test_dispatch_in_save(source: str, found: int) -> None:
    assert count("CEL253", DJANGO + source) == found


VIEWS = {
    "function": "def order(request):\n    o.save()\n    confirm.delay(1)",
    "class": "class Orders(View):\n    def post(self, request):\n        o.save()\n"
    "        confirm.delay(1)",
    "rest": "class Orders(ModelViewSet):\n    def perform_create(self, serializer):\n"
    "        serializer.save()\n        confirm.delay(1)",
    "action": "class Orders(ModelViewSet):\n    @action(detail=True, methods=['post'])\n"
    "    def pay(self, request, pk=None):\n        o.save()\n        confirm.delay(1)",
}
NOT_VIEWS = {
    "nothing is written": "def order(request):\n    confirm.delay(1)",
    "opted out": "@transaction.non_atomic_requests\ndef order(request):\n    o.save()\n"
    "    confirm.delay(1)",
    "on commit": "def order(request):\n    o.save()\n    confirm.delay_on_commit(1)",
    "helper": "def order(cart):\n    o.save()\n    confirm.delay(1)",
    "no action": "class Orders(ModelViewSet):\n    def pay(self, request, pk=None):\n"
    "        o.save()\n        confirm.delay(1)",
    "other class": "class Orders:\n    def post(self, request):\n        o.save()\n"
    "        confirm.delay(1)",
}
HERE = """
from django.db import transaction
from django.views import View
from rest_framework.decorators import action
from rest_framework.viewsets import ModelViewSet
@shared_task
def confirm(pk): ...
"""
SETTINGS = {
    "in the table": "DATABASES = {'default': {'ENGINE': 'x', 'ATOMIC_REQUESTS': True}}",
    "set afterwards": "DATABASES = {'default': env.db('URL')}\n"
    "DATABASES['default']['ATOMIC_REQUESTS'] = True",
}


def project(folder: Path, settings: str, view: str) -> list[int]:
    """The lines of shop/views.py that CEL201 reports in a Django project with these settings."""
    for name, text in {
        "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')",
        "setup.cfg": "",
        "shop/__init__.py": "",
        "shop/settings.py": "from shop.base import *\n",
        "shop/base.py": settings,
        "shop/views.py": view,
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return lines("CEL201", HERE + view, str(folder / "shop" / "views.py"))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("settings", SETTINGS)
def test_requests_in_transactions(tmp_path: Path, settings: str, view: str) -> None:
    assert len(project(tmp_path, SETTINGS[settings], VIEWS[view])) == 1


@pytest.mark.parametrize("view", NOT_VIEWS)
def test_requests_without(tmp_path: Path, view: str) -> None:
    assert not project(tmp_path, SETTINGS["in the table"], NOT_VIEWS[view])


@pytest.mark.parametrize(
    "settings",
    ["", "DATABASES = {'default': {'ATOMIC_REQUESTS': env('X')}}",
     "DATABASES = {'default': {'ATOMIC_REQUESTS': False}}"],
)  # fmt: skip
def test_requests_where_the_settings_do_not_say_so(tmp_path: Path, settings: str) -> None:
    assert not project(tmp_path, settings, VIEWS["function"])


SERVICE = """
import time
import requests
from celery.exceptions import Ignore
from shop.celery import index

def wait():
    time.sleep(5)

def fetch():
    return requests.get("https://shop.example")

def send(pk):
    Order.objects.create(pk=pk)
    index.delay(pk)

def give_up():
    raise Ignore()

def again(task, pk):
    raise task.retry(countdown=5)
"""
THIN = """
from celery import shared_task
from django.db import transaction
{imports}

@shared_task(bind=True)
def work(self, pk):
    {body}
"""


@pytest.mark.parametrize(
    ("code", "imports", "body", "place"),
    [
        ("CEL103", "from shop.services import wait", "wait()", "shop/services.py:8"),
        ("CEL103", "from shop import services", "services.wait()", "shop/services.py:8"),
        ("CEL103", "from .services import wait as w", "w()", "shop/services.py:8"),
        ("CEL103", "from shop.api import wait", "wait()", "shop/services.py:8"),
        ("CEL104", "from shop.services import fetch", "fetch()", "shop/services.py:11"),
        ("CEL201", "from shop.services import send",
         "with transaction.atomic(): send(pk)", "shop/services.py:15"),
        ("CEL201", "from shop.services import send", "send(pk)", ""),
        ("CEL302", "from shop.services import give_up",
         "try: give_up()\n    except Exception: pass", "shop/services.py:18"),
        ("CEL302", "from shop.services import again",
         "try: again(self, pk)\n    except Exception: pass", "shop/services.py:21"),
        ("CEL302", "from shop.services import again",
         "try: again(task=self, pk=1)\n    except Exception: pass", "shop/services.py:21"),
        ("CEL302", "from shop.services import again",
         "try: again(pk, pk)\n    except Exception: pass", ""),
        ("CEL302", "from shop.services import again",
         "try: again(self, pk)\n    except Exception: raise", ""),
    ],
)  # fmt: skip
def test_one_call_deep(tmp_path: Path, code: str, imports: str, body: str, place: str) -> None:
    source = THIN.format(imports=imports, body=body)
    for name, text in {
        "setup.cfg": "",
        "shop/__init__.py": "",
        "shop/api.py": "from .services import wait\n",
        "shop/services.py": SERVICE,
        "shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"
        "@app.task\ndef index(pk): ...\n",
        "shop/tasks.py": source,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    options = Options()
    options.selected = frozenset({code})
    found = lint(source, str(tmp_path / "shop" / "tasks.py"), options)
    messages = [finding.message for finding in found if finding.code == code]
    assert len(messages) == bool(place)
    assert all(place in message for message in messages)


@pytest.mark.parametrize(
    ("again", "found"),
    [
        ("self.retry(throw=False)", 1),
        ("self.retry((), {}, None, False)", 1),
        ("return self.retry(throw=False)", 1),
        ("again = self.retry(throw=False)", 1),
        ("raise self.retry(throw=False)", 0),
        ("again = self.retry(throw=False); raise again", 0),
        ("handle(self.retry(throw=False))", 0),
        ("self.retry(throw=pk)", 0),
        ("self.retry()", 0),
    ],
)
def test_retry_that_does_not_throw(again: str, found: int) -> None:
    source = f"@shared_task(bind=True)\ndef work(self, pk):\n    {again}"
    assert count("CEL303", source) == found


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("autoretry_for=(Exception,), soft_time_limit=9", 1),
        ("autoretry_for=[Exception], soft_time_limit=9", 1),
        ("autoretry_for=(BaseException,)", 1),
        ("autoretry_for=(Exception,)", 0),
        ("autoretry_for=(Exception,), soft_time_limit=9, max_retries=0", 0),
        ("autoretry_for=(Exception,), soft_time_limit=None", 0),
        ("autoretry_for=(Exception,), soft_time_limit=9, dont_autoretry_for=GIVEN", 0),
        ("autoretry_for=(Exception,), soft_time_limit=9, dont_autoretry_for=(Exception,)", 0),
        ("autoretry_for=(Exception,), soft_time_limit=9, dont_autoretry_for=(OSError,)", 1),
    ],
)
def test_autoretry_for_everything(options: str, found: int) -> None:
    assert count("CEL306", task("push()", options=options)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("@shared_task(max_retries=5)\ndef work():\n    push()", 1),
        ("@shared_task(default_retry_delay=5)\ndef work():\n    push()", 1),
        ("@shared_task(max_retries=0)\ndef work():\n    push()", 0),
        ("@shared_task(max_retries=N)\ndef work():\n    push()", 0),
        ("@shared_task(max_retries=5)\n@retrying\ndef work():\n    push()", 0),
        ("@shared_task(max_retries=5)\ndef work():\n    work.retry()", 0),
        ("@shared_task(bind=True, max_retries=5)\ndef work(self):\n    push(self)", 0),
        ("@shared_task(bind=True, max_retries=5)\ndef work(self):\n    self.push()", 1),
        ("@shared_task(max_retries=5, **OPTIONS)\ndef work():\n    push()", 0),
        ("@shared_task(max_retries=5, base=Base)\ndef work():\n    push()", 0),
        ("@shared_task(max_retries=5)\ndef work():\n    current_task.retry()", 0),
        ("@shared_task(max_retries=5, autoretry_for=(OSError,))\ndef work():\n    push()", 0),
    ],
)
def test_never_retries(source: str, found: int) -> None:
    assert count("CEL309", source) == found


@pytest.mark.parametrize(
    ("again", "found"),
    [
        ("self.retry(countdown=0)", 1),
        ("self.retry((), {}, None, True, None, 0)", 1),
        ("self.retry(countdown=1)", 0),
        ("self.retry(countdown=pk)", 0),
        ("self.retry()", 0),
    ],
)
def test_immediate_retry(again: str, found: int) -> None:
    source = "@shared_task(bind=True{})\ndef work(self, pk):\n    raise {}"
    assert count("CEL357", source.format("", again)) == found
    assert count("CEL357", source.format(", ignore_result=True", again)) == 0


@pytest.mark.parametrize(
    ("again", "found"),
    [
        ("self.retry()", 1),
        ("raise self.retry()", 0),
        ("return self.retry()", 0),
        ("self.retry(throw=False)", 0),
        ("self.retry(**pk)", 0),
    ],
)
def test_retry_without_raise(again: str, found: int) -> None:
    source = f"@shared_task(bind=True)\ndef work(self, pk):\n    {again}"
    assert count("CEL358", source) == found


@pytest.mark.parametrize(
    ("handler", "found"),
    [
        ("except Exception:\n    log.exception('x')", 1),
        ("except:\n    pass", 1),
        ("except OSError:\n    pass\nexcept Exception as err:\n    log.error('%s', err)", 1),
        ("except OSError:\n    pass", 0),
        ("except Exception:\n    raise", 0),
        ("except Exception as err:\n    report(err)", 0),
        ("except Exception:\n    work.retry()", 0),
    ],
)
def test_failure_swallowed(handler: str, found: int) -> None:
    assert count("CEL359", task(f"'Doc.'\ntry:\n    push()\n{handler}")) == found
    assert count("CEL359", task(f"start(pk)\ntry:\n    push()\n{handler}")) == 0


THROUGH = (
    "from celery import shared_task\nfrom shop.bank import ask\n\n"
    "@shared_task\ndef charge():\n    ask()\n"
)


def through(tmp_path: Path, other: str) -> tuple[set[str], bool]:
    """What is told of a task that calls `ask` of another module, and whether that was parsed."""
    package = tmp_path / "shop"
    package.mkdir(exist_ok=True)
    for name, text in {"__init__": "", "bank": other, "tasks": THROUGH}.items():
        (package / f"{name}.py").write_text(textwrap.dedent(text))
    (tmp_path / "setup.cfg").write_text("")
    clear()
    found = lint(THROUGH, str(package / "tasks.py"))
    told = {f.code for f in found if f.code in ("CEL103", "CEL104")}
    return told, str(package / "bank.py") in DISK.trees


@pytest.mark.parametrize(
    "other",
    [
        "import time\ndef ask():\n    time.sleep(9)\n",
        "from time import (\n    time,\n    sleep as nap,\n)\ndef ask():\n    nap(9)\n",
        "import time\nnap = time.sleep\ndef ask():\n    nap(9)\n",
        "import time\nnap = time.sleep  # for short\ndef ask():\n    nap(9)\n",
        "import time\nif time:\n    def ask():\n        time.sleep(9)\n",
        'import time\ndef ask():\n    """\nTwo lines: (\n    """\n    time.sleep(9)\n',
        'import time\ndef ask():\n    a = """\nSELECT 1\n"""\n    time.sleep(9)\n',
        "import time\ndef ask(\n    a=1,\n):\n    time.sleep(9)\n",
        "import time\ndef other(): ...\n\n# ask\ndef ask():\n    # waits\n\n    time.sleep(9)\n",
        "import time\ndef ask():\n    if time:\n# odd\n        time.sleep(9)\n",
    ],
)
def test_a_sleep_of_another_module_is_seen(other: str, tmp_path: Path) -> None:
    assert through(tmp_path, other) == ({"CEL103"}, True)


@pytest.mark.parametrize(
    "other",
    [
        "import requests\ndef ask():\n    requests.get('http://x')\n",
        "import requests\nS = requests.Session()\ndef ask():\n    S.post('http://x')\n",
        "from requests import get as fetch\ndef ask():\n    fetch('http://x')\n",
        "from urllib.request import urlopen\ndef ask():\n    return urlopen('http://x')\n",
        "import smtplib\ndef ask():\n    with smtplib.SMTP('x') as mail:\n        mail.quit()\n",
    ],
)
def test_a_request_of_another_module_is_seen(other: str, tmp_path: Path) -> None:
    assert through(tmp_path, other) == ({"CEL104"}, True)


@pytest.mark.parametrize(
    "other",
    [
        "import time\ndef ask():\n    return 1\ndef other():\n    time.sleep(9)\n",
        "import time\n@property\ndef other():\n    time.sleep(9)\n\nasync def ask(): ...\n",
        "import requests\ndef ask():\n    return str(1)\nclass A:\n    x = requests.get('http://x')\n",
        "import time\nclass ask:\n    def __init__(self):\n        time.sleep(9)\n",
        "import time\nclass ask(Base):\n    def __init__(self):\n        time.sleep(9)\n",
    ],
)
def test_a_function_that_makes_no_such_call_is_not_parsed(other: str, tmp_path: Path) -> None:
    assert through(tmp_path, other) == (set(), False)


SLEEPS = "import time\ndef query():\n    time.sleep(9)\n"
HANDED = "from shop.near import (\n    other,\n    query as ask,  # what it is\n)\n"


@pytest.mark.parametrize(
    ("bank", "near", "told", "read"),
    [
        (HANDED, SLEEPS, {"CEL103"}, True),
        (HANDED, "from shop.far import *\n", set(), True),
        (HANDED, "import time\nclass query:\n    x = time.sleep(9)\n", set(), False),
        (HANDED, f"class query: ...\n{SLEEPS}", set(), True),
        (HANDED, "import time\ndef query():\n    return 1\n", set(), False),
        ("from gone import ask\n", "", set(), False),
        ("from .near import query as ask\n", SLEEPS, {"CEL103"}, True),
    ],
)
def test_a_name_that_is_handed_on(
    bank: str, near: str, told: set[str], read: bool, tmp_path: Path
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "near.py").write_text(near)
    assert through(tmp_path, bank) == (told, read)


def test_what_is_installed_counts_for_no_module_of_the_project(tmp_path: Path) -> None:
    gone = "".join(f"import gone{n}\n" for n in range(20))
    calls = "".join(f"    gone{n}.f()\n" for n in range(20))
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "bank.py").write_text(SLEEPS)
    (tmp_path / "setup.cfg").write_text("")
    (tmp_path / "shop" / "__init__.py").write_text("")
    tasks = f"from celery import shared_task\nfrom shop.bank import query\n{gone}\n@shared_task\n"
    tasks += f"def charge():\n{calls}    query()\n"
    clear()
    found = lint(tasks, str(tmp_path / "shop" / "tasks.py"))
    assert [f.code for f in found] == ["CEL103"]
