#!/bin/sh
# dramatiq 2.2.1: an option that does not exist is an error on the actor, and silence on a message.
# Guessed before: send_with_options() refuses what @actor refuses.
# Seen: @actor(max_retires=3) raises ValueError; send_with_options(max_retires=3) sends the message with
# an option that nothing reads, so a limit that was misspelt there is no limit.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q dramatiq==2.2.1

cat > run.py <<'EOF'
import dramatiq
from dramatiq.brokers.stub import StubBroker

dramatiq.set_broker(StubBroker())


@dramatiq.actor
def mail(pk): ...


try:
    dramatiq.actor(lambda: None, actor_name="other", max_retires=3)
except ValueError:
    print("actor: ValueError")
print("message:", mail.send_with_options(args=(1,), max_retires=3).options)
EOF

env/bin/python run.py > seen.txt
cat > expected.txt <<'EOF'
actor: ValueError
message: {'max_retires': 3}
EOF
diff expected.txt seen.txt
echo 'seen as written'
