"""A page for the staff: what do the workers do?"""
from celery import Celery, current_app

app = Celery("staff", broker="redis://localhost:6379/0")


def running() -> set:
    inspect = app.control.inspect(timeout=1)
    return {task["id"] for tasks in (inspect.active() or {}).values() for task in tasks}


def planned(name: str) -> bool:
    found = current_app.control.inspect().scheduled()
    if not found:
        return False
    for worker, tasks in found.items():
        if any(task["request"]["name"] == name for task in tasks):
            return True
    return False


def workers() -> int:
    return len(app.control.ping())
