"""What real Celery says of a package, held against what our core says of its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from tests.corpus.truth.seen import Answer, Given, NotGiven, Seen, SeenTask, Why

Verdict = Literal["found", "missed", "wrong"]
SUBJECTS = ("tasks", "made", "bind", "parameters", "options", "beat", "settings")
"""`made` are tasks whose function stands in another: they are there once that one has run."""
#: Compared by its entries.
_APART = frozenset({"beat_schedule"})
_EMPTY: dict[str, Any] = {"args": [], "kwargs": {"dict": []}, "options": {"dict": []}}


class Row(NamedTuple):
    """One thing that both sides were asked: `missed` is what our core does not know."""

    subject: str
    name: str
    verdict: Verdict
    place: str
    text: str = ""


def compare(real: dict[str, Any], seen: Seen, site: str, own_app: bool) -> Iterator[Row]:
    """Every task, parameter list, option, entry and setting with its verdict.

    `real` is what `driver.tell` gave, `site` the folder that its paths start with; without
    `own_app` settings and entries are left out, since the application is not the package's.
    """
    yield from _tasks(real, seen, site)
    if own_app:
        yield from _beat(real, seen)
        yield from _settings(real, seen)


def _relative(path: str, site: str) -> str:
    return path[len(site) :].lstrip("/") if path.startswith(site) else path


def _tasks(real: dict[str, Any], seen: Seen, site: str) -> Iterator[Row]:
    functions = {
        (one.file, one.function): (name, one)
        for name, several in seen.tasks.items()
        for one in several
    }
    for name, task in real["tasks"].items():
        file = _relative(task["file"], site)
        place = f"{file}:{task['line']}"
        subject = "made" if "<locals>" in task["function"] else "tasks"
        several = seen.tasks.get(name, [])
        here = [one for one in several if (one.file, one.function) == (file, task["function"])]
        if not several:
            other = functions.get((file, task["function"]))
            if other is not None and other[0] not in real["tasks"]:
                yield Row(subject, name, "wrong", place, f"ours calls it {other[0]}")
            else:
                yield Row(subject, name, "missed", place, _why(seen, file, task["function"]))
            continue
        yield Row(subject, name, "found", place)
        yield from _task(name, task, (here or several)[0], place, real["plain"])
    loaded = {_relative(path, site) for path in real["modules"]}
    for name, several in seen.tasks.items():
        for one in several:
            if name not in real["tasks"] and one.file in loaded:
                known = [n for n, task in real["tasks"].items() if task["function"] == one.function]
                if not known:  # else said above, as a task of another name
                    place = f"{one.file}:{one.line}"
                    yield Row("tasks", name, "wrong", place, "Celery has no task of this name")


def _why(seen: Seen, file: str, function: str) -> str:
    if file in seen.unread:
        return f"the file can't be read: {seen.unread[file]}"
    for where, _, qualname, reason in seen.left:
        if (where, qualname) == (file, function):
            return f"its name is not known: {reason}"
    return "ours sees no task there"


def _task(
    name: str, real: dict[str, Any], ours: SeenTask, place: str, plain: dict[str, Any]
) -> Iterator[Row]:
    if ours.bound is None:
        yield Row("bind", name, "missed", place, "whether it is bound is not known")
    else:
        right = ours.bound == real["bound"]
        yield Row("bind", name, "found" if right else "wrong", place, f"ours: {ours.bound}")
    taken = real["parameters"]
    if ours.parameters is None:
        yield Row("parameters", name, "missed", place, ours.why)
    elif taken is not None:
        right = ours.parameters in (taken, real["outermost"])
        text = "" if right else f"ours: {_signature(ours.parameters)}; real: {_signature(taken)}"
        yield Row("parameters", name, "found" if right else "wrong", place, text)
    for option, value in real["options"].items():
        answer, usual = ours.options[option], plain[option]
        if value in usual and not isinstance(answer, Given):
            continue  # nobody sets it, and ours does not say that somebody does
        verdict, text = _judge(answer, value, value in usual)
        yield Row("options", f"{name} {option}", verdict, place, text)


def _signature(parameters: Iterable[Any]) -> str:
    return ", ".join(f"{name}{'=' if default else ''} {kind}" for name, kind, default in parameters)


def _judge(answer: Answer, real: Any, is_default: bool) -> tuple[Verdict, str]:
    if isinstance(answer, Why):
        return "missed", answer.text
    if isinstance(answer, NotGiven):
        text = f"ours: not given{answer.likely}; real: {real}"
        return ("found", "") if is_default else ("wrong", text)
    if any(_same(value, real) for value in answer.values):
        return "found", ""
    return "wrong", f"ours: {answer.values} ({answer.place}); real: {real}"


def _same(ours: Any, real: Any) -> bool:
    if isinstance(ours, dict) and "names" in ours and isinstance(real, list):
        return bool(ours["names"] == sorted(one.get("queue", "") for one in real))
    return type(ours) is type(real) and bool(ours == real)


def _beat(real: dict[str, Any], seen: Seen) -> Iterator[Row]:
    for label, entry in real["beat"].items():
        ours = seen.beat.get(label)
        if ours is None:
            settings = seen.settings.get("beat_schedule")
            why = settings.text if isinstance(settings, Why) else "no such entry is seen"
            yield Row("beat", label, "missed", "", why)
            continue
        worst: tuple[Verdict, str] = ("found", "")
        place = ""
        for field, value in entry.items():
            answer = ours.get(field, NotGiven())
            place = answer.place if isinstance(answer, Given) else place
            verdict, text = _judge(answer, value, value == _EMPTY.get(field, ()))
            if verdict == "wrong" or worst[0] == "found":
                worst = worst if verdict == "found" else (verdict, f"{field}: {text}")
        if "" in ours and worst[0] == "found" and isinstance(ours[""], Why):
            worst = "missed", ours[""].text
        yield Row("beat", label, worst[0], place, worst[1])
    for label in sorted(seen.scheduled - real["beat"].keys()):
        yield Row("beat", label, "wrong", "", "Celery has no such entry")


def _settings(real: dict[str, Any], seen: Seen) -> Iterator[Row]:
    for key, value in real["settings"].items():
        if key in seen.settings and key not in _APART:
            answer, default = seen.settings[key], real["defaults"][key]
            verdict, text = _judge(answer, value, value == default)
            place = answer.place if isinstance(answer, Given) else ""
            yield Row("settings", key, verdict, place, text)


def counted(rows: Iterable[Row]) -> dict[str, Counter[str]]:
    """How many of each verdict, by subject."""
    found: dict[str, Counter[str]] = {subject: Counter() for subject in SUBJECTS}
    for row in rows:
        found[row.subject][row.verdict] += 1
    return found
