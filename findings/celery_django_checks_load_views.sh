#!/bin/sh
# Celery 5.7.0 with Django 5.2: which tasks a worker knows depends on whether Django's checks are run.
# Guessed before: a worker knows the tasks of the modules that autodiscover_tasks() names, checks or not.
# Seen: Celery's fixup for Django runs the system checks once those modules are imported; the checks
# import the URLconf and with it every view, so that a task in views.py is registered too. With
# CELERY_SKIP_CHECKS set (`celery --skip-checks`) it is not, and its messages are discarded as unknown.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q celery==5.7.0 Django==5.2.19

mkdir shop
cat > shop/__init__.py <<'EOF'
from shop.celery import app
EOF
cat > shop/celery.py <<'EOF'
from celery import Celery

app = Celery("shop", broker="memory://")
app.autodiscover_tasks()
EOF
cat > shop/settings.py <<'EOF'
SECRET_KEY = "x"
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "shop.urls"
EOF
cat > shop/tasks.py <<'EOF'
from celery import shared_task

@shared_task
def recount(): ...
EOF
cat > shop/views.py <<'EOF'
from celery import shared_task

@shared_task
def mail(): ...

def order(request): ...
EOF
cat > shop/urls.py <<'EOF'
from django.urls import path
from shop.views import order

urlpatterns = [path("order", order)]
EOF
cat > run.py <<'EOF'
import os

os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"

from shop.celery import app

# as `celery worker` does at its start
app.loader.import_default_modules()
print(sorted(name for name in app.tasks if name.startswith("shop.")))
EOF

env/bin/python run.py > seen.txt
CELERY_SKIP_CHECKS=true env/bin/python run.py >> seen.txt
cat > expected.txt <<'EOF'
['shop.tasks.recount', 'shop.views.mail']
['shop.tasks.recount']
EOF
diff expected.txt seen.txt
echo 'seen as written'
