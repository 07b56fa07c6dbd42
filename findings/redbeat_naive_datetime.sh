#!/bin/sh
# celery-redbeat 2.4.2 with Celery 5.7.0 and kombu 5.7.0: a naive datetime of an entry comes back in UTC.
# Guessed before: what kombu carries unchanged from sender to worker, redbeat carries too.
# Seen: the same argument arrives naive where a task is sent by hand, and aware, in UTC, where redbeat
# stored it in between: the task compares it with datetime.now() and fails only when beat sent it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q "celery[redis]==5.7.0" celery-redbeat==2.4.2

cat > run.py <<'EOF'
import json
from datetime import datetime

from kombu.utils.json import dumps, loads
from redbeat.decoder import RedBeatJSONDecoder, RedBeatJSONEncoder

given = datetime(2026, 1, 1, 12)
text = json.dumps({"until": given}, cls=RedBeatJSONEncoder)
stored = json.loads(text, cls=RedBeatJSONDecoder)["until"]
print("kombu:", loads(dumps({"until": given}))["until"] == given)
print("redbeat:", stored == given, stored.tzinfo)
EOF

env/bin/python run.py > seen.txt
cat > expected.txt <<'EOF'
kombu: True
redbeat: False UTC
EOF
diff expected.txt seen.txt
echo 'seen as written'
