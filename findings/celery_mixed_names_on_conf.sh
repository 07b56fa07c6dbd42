#!/bin/sh
# Celery 5.7.0: old and new names of settings may not be mixed, unless one kind is set on app.conf.
# Guessed before: what is set on `app.conf` counts among the settings that are looked at for a mixture.
# Seen: in one loaded module both kinds end in ImproperlyConfigured; a new name set on `app.conf` beside
# a loaded module of old ones is turned into the old spelling without a word, and holds.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q celery==5.7.0

cat > old.py <<'EOF'
CELERY_ACKS_LATE = True
CELERY_IGNORE_RESULT = True
EOF
cat > mixed.py <<'EOF'
CELERY_ACKS_LATE = True
CELERY_IGNORE_RESULT = True
task_track_started = True
EOF
cat > run.py <<'EOF'
from celery import Celery

app = Celery("shop", broker="memory://")
app.config_from_object("mixed")
try:
    app.conf.task_track_started
except Exception as error:
    print("loaded together:", type(error).__name__)

app = Celery("shop", broker="memory://")
app.config_from_object("old")
app.conf.task_track_started = True
print("set on app.conf:", app.conf.task_acks_late, app.conf.task_track_started)
EOF

env/bin/python run.py > seen.txt
cat > expected.txt <<'EOF'
loaded together: ImproperlyConfigured
set on app.conf: True True
EOF
diff expected.txt seen.txt
echo 'seen as written'
