#!/bin/sh
# kombu 5.7.0 with SQLAlchemy 2.0.44: a message that was taken and acknowledged stays in the database.
# Guessed before: an acknowledged message is deleted, as on every other broker.
# Seen: it is only made invisible; the table grows with each task, until somebody purges the queue, which
# deletes what waits in it as well.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q kombu==5.7.0 SQLAlchemy==2.0.44

cat > run.py <<'EOF'
import sqlite3

from kombu import Connection

with Connection("sqla+sqlite:///broker.sqlite") as connection:
    queue = connection.SimpleQueue("mails")
    for number in range(5):
        queue.put(number)
    for _ in range(5):
        queue.get(timeout=5).ack()
    count = "SELECT count(*), sum(visible) FROM kombu_message"
    print("rows, visible:", *sqlite3.connect("broker.sqlite").execute(count).fetchone())
    queue.clear()
    print("after a purge:", *sqlite3.connect("broker.sqlite").execute(count).fetchone())
EOF

env/bin/python run.py > seen.txt
cat > expected.txt <<'EOF'
rows, visible: 5 0
after a purge: 0 None
EOF
diff expected.txt seen.txt
echo 'seen as written'
