#!/bin/sh
# pylint 4.1.4: a comment that switches a plugin's message on does nothing if it is the checker's only one.
# Guessed before: "# pylint: enable=..." in a file is enough for a message that is off by default.
# Seen: a checker all of whose messages are off when the run starts is not run at all, and no comment
# calls it back; nothing says so. The same comment works once another message of the checker is on.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q pylint==4.1.4

cat > two.py <<'EOF'
from pylint.checkers import BaseChecker

OFF = {"default_enabled": False}


class Seen(BaseChecker):
    name = "seen"
    msgs = {
        "W9901": ("a module", "module-seen", "A module.", OFF),
        "W9902": ("never told", "never-told", "Nothing.", OFF),
    }

    def visit_module(self, node):
        self.add_message("module-seen", node=node, line=2)


def register(linter):
    linter.register_checker(Seen(linter))
EOF

cat > shop.py <<'EOF'
# pylint: enable=module-seen
X = 1
EOF

cat > run.sh <<'EOF'
run() { PYTHONPATH=. env/bin/pylint --load-plugins=two --disable=C --score=no "$@" shop.py || true; }
echo "comment alone:"
run
echo "comment, and another message of the checker on:"
run --enable=never-told
EOF

sh run.sh > seen.txt
cat > expected.txt <<'EOF'
comment alone:
comment, and another message of the checker on:
************* Module shop
shop.py:2:0: W9901: a module (module-seen)
EOF
diff expected.txt seen.txt
echo 'seen as written'
