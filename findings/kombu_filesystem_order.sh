#!/bin/sh
# kombu 5.7.0: the filesystem broker is no queue: messages of one millisecond come in any order.
# Guessed before: first in, first out; the table of its features names no exception.
# Seen: a message's file is named by the milliseconds of a clock and then by a random id, and the
# receiver takes the files in the order of their names.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q kombu==5.7.0

cat > run.py <<'EOF'
import os

from kombu import Connection

os.makedirs("data")
os.makedirs("processed")
options = {
    "data_folder_in": "data",
    "data_folder_out": "data",
    "control_folder": "control",
    "store_processed": True,
    "processed_folder": "processed",
}
with Connection("filesystem://", transport_options=options) as connection:
    queue = connection.SimpleQueue("mails")
    sent = list(range(200))
    for number in sent:
        queue.put(number)
    got = []
    for _ in sent:
        message = queue.get(timeout=5)
        message.ack()
        got.append(message.payload)
print("all came:", sorted(got) == sent)
print("in order:", got == sent)
EOF

env/bin/python run.py > seen.txt
cat > expected.txt <<'EOF'
all came: True
in order: False
EOF
diff expected.txt seen.txt
echo 'seen as written'
