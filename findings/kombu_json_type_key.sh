#!/bin/sh
# kombu 5.7.0: a plain dict with the keys __type__ and __value__ is another value after a round trip.
# Guessed before: kombu marks its own values with something that a user's dict can't hold, or quotes it.
# Seen: the receiver takes the user's dict for one of kombu's and makes a datetime, a UUID of it; the
# task gets no dict. A third key in it, and it stays a dict.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q kombu==5.7.0

cat > run.py <<'EOF'
from kombu.serialization import dumps, loads

for sent in (
    {"__type__": "datetime", "__value__": "2026-01-01"},
    {"__type__": "uuid", "__value__": {"hex": "12345678123456781234567812345678", "version": 4}},
    {"__type__": "datetime", "__value__": "2026-01-01", "note": "x"},
):
    content_type, encoding, data = dumps(sent, serializer="json")
    print(type(loads(data, content_type, encoding)).__name__)
EOF

env/bin/python run.py > seen.txt
cat > expected.txt <<'EOF'
datetime
UUID
dict
EOF
diff expected.txt seen.txt
echo 'seen as written'
