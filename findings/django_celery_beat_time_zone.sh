#!/bin/sh
# django-celery-beat 2.9.0 with Celery 5.7.0 and Django 5.2.19: one crontab, two time zones.
# Guessed before: a CrontabSchedule made without a time zone has the application's.
# Seen: objects.create() reads the Django setting <namespace>_TIMEZONE, and takes UTC where the zone is
# set on the application itself (app.conf.timezone); from_schedule() takes the application's. The same
# "three o'clock" is then two hours off in summer, and two rows where one was meant.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q celery==5.7.0 django-celery-beat==2.9.0 Django==5.2.19

cat > run.py <<'EOF'
import django
from celery import Celery
from celery.schedules import crontab
from django.conf import settings
from django.core.management import call_command

settings.configure(
    INSTALLED_APPS=["django_celery_beat"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    TIME_ZONE="Europe/Berlin",
    USE_TZ=True,
)
django.setup()
call_command("migrate", verbosity=0)
app = Celery("shop", broker="memory://")
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.timezone = "Europe/Berlin"

from django_celery_beat.models import CrontabSchedule  # noqa: E402

made = CrontabSchedule.objects.create(minute="0", hour="3")
taken = CrontabSchedule.from_schedule(crontab(minute=0, hour=3))
print("application:", app.timezone)
print("create():", made.timezone)
print("from_schedule():", taken.timezone)
EOF

env/bin/python run.py > seen.txt
cat > expected.txt <<'EOF'
application: Europe/Berlin
create(): UTC
from_schedule(): Europe/Berlin
EOF
diff expected.txt seen.txt
echo 'seen as written'
