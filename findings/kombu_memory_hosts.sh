#!/bin/sh
# kombu 5.7.0: every memory:// broker of a process is the same one, whatever host and virtual host say.
# Guessed before: memory://one and memory://two are two brokers, as redis://one and redis://two are.
# Seen: a message put into a queue of one is got from the queue of that name of the other. Two
# applications in one test run take each other's messages.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q kombu==5.7.0

cat > run.py <<'EOF'
from kombu import Connection

with Connection("memory://one/shop") as one, Connection("memory://two/bank") as two:
    queue = one.SimpleQueue("mails")
    queue.put("for the shop")
    print(two.SimpleQueue("mails").get(timeout=1).payload)
EOF

env/bin/python run.py > seen.txt
cat > expected.txt <<'EOF'
for the shop
EOF
diff expected.txt seen.txt
echo 'seen as written'
