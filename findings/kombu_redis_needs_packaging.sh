#!/bin/sh
# kombu 5.7.0 and redis 8.1.0: Redis' own client is not enough for the Redis broker.
# Guessed before: "pip install celery redis" is all that redis:// needs.
# Seen: the transport imports packaging, which neither kombu nor redis installs; only the extra
# celery[redis] or kombu[redis] does. In a development environment some other tool brings it, and the
# image for production, without tools, has none.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q kombu==5.7.0 redis==8.1.0

cat > run.py <<'EOF'
from kombu import Connection

try:
    Connection("redis://localhost").transport_cls
    from kombu.transport import redis  # noqa: F401
except ModuleNotFoundError as error:
    print("missing:", error.name)
EOF

env/bin/python run.py > seen.txt
cat > expected.txt <<'EOF'
missing: packaging
EOF
diff expected.txt seen.txt
echo 'seen as written'
