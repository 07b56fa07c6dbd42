#!/bin/sh
# celery-singleton 0.3.1 with Celery 5.7.0: one call, written in two ways, gets two locks.
# Guessed before: the arguments are bound to the task's signature, as unique_on does it.
# Seen: without unique_on the lock is made of args and kwargs as they are given, so sync.delay(1) and
# sync.delay(account=1) run at the same time; so do two calls of which one spells out a default.
# With unique_on the arguments are bound first, and both are one.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q "celery[redis]==5.7.0" celery-singleton==0.3.1 redis==8.1.0

cat > run.py <<'EOF'
from celery import Celery
from celery_singleton import Singleton

app = Celery("shop", broker="redis://localhost", backend="redis://localhost")


@app.task(base=Singleton)
def sync(account, full=False): ...


@app.task(base=Singleton, unique_on=["account"])
def settle(account, full=False): ...


# nothing is sent: the name of the lock says it
for task in (sync, settle):
    calls = [([1], {}), ([], {"account": 1}), ([1, False], {})]
    locks = {task.generate_lock(task.name, args, kwargs) for args, kwargs in calls}
    print(task.__name__, len(locks), "locks for", len(calls), "spellings of one call")
EOF

env/bin/python run.py > seen.txt
cat > expected.txt <<'EOF'
sync 3 locks for 3 spellings of one call
settle 1 locks for 3 spellings of one call
EOF
diff expected.txt seen.txt
echo 'seen as written'
