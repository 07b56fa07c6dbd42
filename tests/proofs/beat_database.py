"""django-celery-beat for proofs: a script with its database in memory, in a process of its own.

Django can be set up only once in a process, and other proofs do so without an application of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

HEAD = """
import json
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django_celery_beat"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField", USE_TZ=True,
)
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from celery import Celery
app = Celery("proof", broker="memory://")
from django_celery_beat.models import *
from django_celery_beat.schedulers import DatabaseScheduler

def raised(call, *arguments):
    try:
        call(*arguments)
    except Exception as error:
        return type(error).__name__
    return None

def show(value):
    print("shown:", json.dumps(value))
"""


def run(folder: Path, source: str, then: str) -> list[Any]:
    """Run the source, then a script that calls `show`; what was shown, in order."""
    script = folder / "script.py"
    script.write_text(HEAD + textwrap.dedent(source) + "\n" + textwrap.dedent(then))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("shown: ")]
    return [json.loads(line.removeprefix("shown: ")) for line in rows]
