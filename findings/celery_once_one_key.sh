#!/bin/sh
# celery-once 3.0.1 with Celery 5.7.0: two different calls share one lock.
# Guessed before: parts of a key are quoted, or hashed.
# Seen: the key is the arguments joined by "_" and "-", unquoted; a text that holds these runs into the
# next argument. The second call is refused as AlreadyQueued though nothing like it waits.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q celery==5.7.0 celery_once==3.0.1

cat > run.py <<'EOF'
import tempfile

from celery import Celery
from celery_once import AlreadyQueued, QueueOnce

app = Celery("shop", broker="memory://")
folder = tempfile.mkdtemp(dir=".")
app.conf.ONCE = {"backend": "celery_once.backends.File", "settings": {"location": folder}}


@app.task(base=QueueOnce, name="label")
def label(first, second): ...


print(label.get_key(args=["x_second-y", "z"]))
print(label.get_key(args=["x", "y_second-z"]))
label.delay("x_second-y", "z")
try:
    label.delay("x", "y_second-z")
except AlreadyQueued:
    print("AlreadyQueued")
EOF

env/bin/python run.py > seen.txt
cat > expected.txt <<'EOF'
qo_label_first-x_second-y_second-z
qo_label_first-x_second-y_second-z
AlreadyQueued
EOF
diff expected.txt seen.txt
echo 'seen as written'
