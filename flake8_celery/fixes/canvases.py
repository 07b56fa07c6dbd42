"""What stands in a canvas and is no signature, where the message says how it becomes one."""

from __future__ import annotations

import ast

from flake8_celery.core.engine.run import Finding
from flake8_celery.fixes.site import Edit, Fix, Site


def element(site: Site, finding: Finding) -> Fix | None:
    """`task` becomes `task.s()`, `task.s` is called, `task.delay(1)` is not sent yet.

    A task that is run where it stands (`task(1)`) is put off: unsafe.
    """
    node = site.at(finding, ast.expr)
    told = finding.message
    if isinstance(node, (ast.Name, ast.Attribute)):
        end = site.end(node)
        if "is a task: " in told or told.startswith("a task is no signature"):
            return Fix((Edit(end, end, ".s()"),))
        if "is not called" in told:
            return Fix((Edit(end, end, "()"),))
    if isinstance(node, ast.Call) and told.startswith("this sends the task"):
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr == "delay":
            end = site.end(func)
            # a callback gets the result of its task in front: that may not be wanted
            return Fix((Edit(end - len("delay"), end, "s"),), safe=finding.code == "CEL601")
    if isinstance(node, ast.Call) and told.startswith("this runs the task here"):
        end = site.end(node.func)
        return Fix((Edit(end, end, ".s"),), safe=False)
    return None
