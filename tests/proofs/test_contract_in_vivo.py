"""What `flake8-celery diff` predicts is what workers do, and after its recipe they fail no more.

Real messages with a countdown from one state of the code, on the filesystem broker, and a real
worker of another state.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from flake8_celery.cli import main
from tests.proofs.harness import wait_for, worker_process, write_project

RECORD = """
import json
from pathlib import Path

def ran(name, given):
    given.pop("self", None)
    with Path(__file__).with_name("ran.log").open("a") as stream:
        stream.write(json.dumps([name, given]) + "\\n")
"""


def task(function: str, parameters: str, options: str = "") -> str:
    return (
        f"\n@app.task({options})\ndef {function}({parameters}):\n"
        f"    ran({function!r}, dict(locals()))\n"
    )


OLD = RECORD + "".join(
    [
        task("add", "to"),
        task("drop_default", "to, lang='en'"),
        task("cut", "a, b"),
        task("renamed_parameter", "to"),
        task("swap", "image, width, height"),
        task("keyword_only", "a, b"),
        task("gone", "a"),
        task("old_name", "a"),
        task("rerouted", "a", "queue='slow'"),
        task("unbound", "self, a", "bind=True"),
        # safe
        task("more", "a"),
        task("splats", "a, b"),
        task("bound", "a"),
        task("renamed_function", "a"),
        task("written_out", "a"),
    ]
)
NEW = RECORD + "".join(
    [
        task("add", "to, lang"),
        task("drop_default", "to, lang"),
        task("cut", "a"),
        task("renamed_parameter", "recipient"),
        task("swap", "image, height, width"),
        task("keyword_only", "a, *, b"),
        task("new_name", "a"),
        task("rerouted", "a", "queue='fast'"),
        task("unbound", "self, a"),
        task("more", "a, b=1, *, c=2"),
        task("splats", "*args, **kwargs"),
        task("bound", "self, a", "bind=True"),
        task("another", "a", "name='tasks.renamed_function'"),
        task("written_out", "a", "name='tasks.written_out'"),
    ]
)
SAFE = RECORD + "".join(
    [
        task("add", "to, lang=None"),
        task("drop_default", "to, lang='en'"),
        task("cut", "a, b=None"),
        task("renamed_parameter", "to=None, recipient=None"),
        task("swap", "image, width, height"),
        task("keyword_only", "a, b"),
        task("gone", "a"),
        task("new_name", "a"),
        task("rerouted", "a", "queue='slow'"),
        task("unbound", "self, a", "bind=True"),
        task("more", "a, b=1, *, c=2"),
        task("splats", "*args, **kwargs"),
        task("bound", "self, a", "bind=True"),
        task("another", "a", "name='tasks.renamed_function'"),
        task("written_out", "a", "name='tasks.written_out'"),
    ]
)


class Message(NamedTuple):
    """One message: the task's function, what it is given, and what must arrive."""

    function: str
    args: list[Any]
    kwargs: dict[str, Any]

    @property
    def sending(self) -> str:
        return f"tasks.{self.function}.apply_async({self.args}, {self.kwargs}, countdown=1)\n"


OLD_MESSAGES = [
    Message("add", [1], {}),
    Message("drop_default", [1], {}),
    Message("cut", [1, 2], {}),
    Message("renamed_parameter", [], {"to": 1}),
    Message("swap", [1, 2, 3], {}),
    Message("keyword_only", [1, 2], {}),
    Message("gone", [1], {}),
    Message("old_name", [1], {}),
    Message("rerouted", [1], {}),
    Message("unbound", [1], {}),
    Message("more", [1], {}),
    Message("splats", [1], {"b": 2}),
    Message("bound", [1], {}),
    Message("renamed_function", [1], {}),
    Message("written_out", [1], {}),
]
#: What each function must see of its message, in whichever parameter it is held.
MEANT: dict[str, dict[str, object]] = {
    "swap": {"image": 1, "width": 2, "height": 3},
    "splats": {"args": [1], "kwargs": {"b": 2}},
}


def lay(folder: Path, source: str, sender: str = "") -> None:
    write_project(folder, source)
    (folder / "pyproject.toml").touch()
    (folder / "sender.py").write_text(f"import tasks\n\n\ndef send():\n    pass\n{sender}")


def send(folder: Path, calls: list[str]) -> None:
    code = "import tasks\n" + "".join(calls)
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True)


def report(folder: Path, capsys: Any) -> dict[str, Any]:
    capsys.readouterr()
    main(["diff", "--lock", str(folder / "deployed.lock"), "--format", "json", str(folder)])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def deployed(folder: Path, capsys: Any) -> None:
    """Lock what is deployed now, and keep it."""
    assert main(["lock", str(folder)]) == 0
    (folder / "celery-tasks.lock").rename(folder / "deployed.lock")
    capsys.readouterr()


class Run(NamedTuple):
    """What a worker did: the calls that ran, and its log."""

    ran: list[tuple[str, dict[str, Any]]]
    log: str

    def failed(self, message: Message) -> bool:
        """Whether a message did not run, or ran with its arguments in the wrong places."""
        aliases = {"old_name": "new_name", "renamed_function": "another"}
        name = aliases.get(message.function, message.function)
        seen = [given for function, given in self.ran if function == name]
        meant = MEANT.get(message.function)
        return not seen or (meant is not None and seen[0] != meant)


def work(folder: Path, source: str, count: int, queues: str = "celery,fast") -> Run:
    """Let a worker of this source handle `count` messages."""
    (folder / "ran.log").write_text("")

    def handled() -> int:
        log = (folder / "worker.log").read_text()
        done = re.findall(
            r"Task tasks\.\w+\[[^]]*\] (?:succeeded|raised)|unregistered task of type", log
        )
        return len(done)

    words = ("-P", "solo", "-Q", queues, "-l", "INFO", "--without-mingle")
    with worker_process(folder, source, *words):
        assert wait_for(lambda: handled() >= count, 60), (folder / "worker.log").read_text()
    lines = (folder / "ran.log").read_text().splitlines()
    return Run([tuple(json.loads(line)) for line in lines], (folder / "worker.log").read_text())


def test_old_messages_meet_new_workers(tmp_path: Path, capsys: Any) -> None:
    lay(tmp_path, OLD)
    deployed(tmp_path, capsys)
    send(tmp_path, [message.sending for message in OLD_MESSAGES])
    lay(tmp_path, NEW)
    told = report(tmp_path, capsys)
    assert {item["direction"] for item in told["breaks"]} == {"old messages, new workers"}
    predicted = {item["task"] for item in told["breaks"]}
    # the one in the queue `slow` is not taken at all
    run = work(tmp_path, NEW, len(OLD_MESSAGES) - 1)
    failed = {f"tasks.{m.function}" for m in OLD_MESSAGES if run.failed(m)}
    assert failed == predicted
    assert {item["code"] for item in told["breaks"]} == {f"CEL41{n}" for n in (0, 1, 2, 3, 5)}
    # and in the very words; some messages of a break fail in other words than the one it names
    said = {item["error"] for item in told["breaks"] if item["error"]}
    assert len([error for error in said if error in run.log]) >= 7, said
    assert "Received unregistered task of type 'tasks.gone'." in said


def test_after_the_recipe_no_old_message_fails(tmp_path: Path, capsys: Any) -> None:
    lay(tmp_path, OLD)
    deployed(tmp_path, capsys)
    send(tmp_path, [message.sending for message in OLD_MESSAGES])
    lay(tmp_path, SAFE)
    [broken] = report(tmp_path, capsys)["breaks"]
    assert broken["task"] == "tasks.old_name"
    safe = SAFE + "\n" + broken["proxy"]
    lay(tmp_path, safe)
    told = report(tmp_path, capsys)
    assert told["compatible"] is True, told
    run = work(tmp_path, safe, len(OLD_MESSAGES), "celery,slow")
    assert [m.function for m in OLD_MESSAGES if run.failed(m)] == []
    assert "Traceback" not in run.log
    assert "unregistered" not in run.log


def test_new_messages_meet_old_workers(tmp_path: Path, capsys: Any) -> None:
    old = RECORD + task("add", "to") + task("wide", "a, **rest") + task("swap", "image, width")
    new = (
        RECORD
        + task("add", "to, lang=None")
        + task("wide", "a, b=None, **rest")
        + task("swap", "width, image")
        + task("fresh", "a")
    )
    calls = [
        Message("add", [1, "de"], {}),
        Message("add", [1], {}),
        Message("wide", [1], {"b": 2}),
        Message("fresh", [1], {}),
    ]
    lay(tmp_path, old)
    deployed(tmp_path, capsys)
    lay(tmp_path, new, "".join(f"    {call.sending}" for call in calls))
    told = report(tmp_path, capsys)
    to_old = [item for item in told["breaks"] if item["direction"] == "new messages, old workers"]
    assert [(item["code"], item["task"]) for item in to_old] == [("CEL414", "tasks.add")]
    [note] = told["notes"]
    assert note["task"] == "tasks.fresh"
    send(tmp_path, [call.sending for call in calls])
    run = work(tmp_path, old, len(calls))
    assert to_old[0]["error"] in run.log
    assert run.log.count("TypeError: ") == run.log.count(to_old[0]["error"])
    assert "Received unregistered task of type 'tasks.fresh'." in run.log
    assert "Received unregistered task of type 'tasks.fresh'." in note["message"]
    assert sorted(name for name, _ in run.ran) == ["add", "wide"]
    # the recipe: the workers first
    lay(tmp_path, new)
    send(tmp_path, [call.sending for call in calls])
    run = work(tmp_path, new, len(calls))
    assert sorted(name for name, _ in run.ran) == ["add", "add", "fresh", "wide"]
    assert "Traceback" not in run.log
