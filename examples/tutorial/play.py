"""Watch what each practice is about, on a real worker: python examples/tutorial/play.py 1

The number is the practice's. It is shown on the code before the step, and on the code after it
(`--on step0` shows one of the two). Broker, results and database are files in a folder that is thrown
away; the suppliers and the bank are threads here. Needs celery and django, and no server.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
PATIENCE = 40.0
"""Seconds in which what will happen has happened, on a slow machine too."""


class World(ThreadingHTTPServer):
    """Suppliers, archive and bank."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.hanging = set()
        self.asked = set()
        self.failing = 0
        self.killing = False
        self.charged = {}
        self.keys = set()
        self.reports = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """Somebody hung up: as here it is meant to be."""


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        _, kind, name = self.path.split("/")
        self.server.asked.add(name)
        if name in self.server.hanging:
            time.sleep(PATIENCE)
        if kind == "archive":
            time.sleep(0.5)
            self.server.reports += 1
        self.say(200, 100 + len(name))

    def do_POST(self):
        world = self.server
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if world.failing:
            world.failing -= 1
            return self.say(503, None)
        if order["key"] is None or order["key"] not in world.keys:
            world.charged[order["order"]] = world.charged.get(order["order"], 0) + 1
        world.keys.add(order["key"])
        if world.killing:
            world.killing = False
            os.kill(order["process"], signal.SIGKILL)
        return self.say(200, "paid")

    def say(self, status, answer):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        """Quiet."""


@contextmanager
def worker(step, queues="celery", name="worker"):
    """`celery -A tasks worker` with one process, ready."""
    folder = Path(os.environ["SHOP_FOLDER"])
    log = folder / f"{name}.log"
    command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "-c", "1", "-l", "INFO"]
    command += ["-Q", queues, "-n", f"{name}@shop"]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=HERE / step, stdout=output, stderr=output, start_new_session=True
        )
    try:
        if not until(lambda: " ready." in log.read_text()):
            sys.exit(f"the worker does not start:\n{log.read_text()}")
        yield log
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(condition, patience=PATIENCE):
    """Wait for something; whether it came."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return bool(condition())


def last_line(log, word):
    """The last line of a worker's log that starts with a word, or nothing."""
    lines = [line for line in log.read_text().splitlines() if line.startswith(word)]
    return lines[-1] if lines else "nothing"


def order_of(pk):
    from shop import Order

    return Order.objects.get(pk=pk)


# -- the five


def short(step, tasks, world):
    """One of three suppliers takes the call and never answers."""
    from shop import Order

    world.hanging = {"east"}
    pk = Order.objects.create().pk
    with worker(step):
        tasks.quote.delay(pk)
        # a broker of files keeps no order: of two that wait, the second may come first
        until(lambda: world.asked)
        tasks.mail.delay(pk)
        done = until(lambda: order_of(pk).price and order_of(pk).mailed, 12)
    if done:
        return "the order has a price of the other two, and its mail is sent"
    if order_of(pk).mailed:
        return "the order has no price"
    return "after 12 seconds no price yet, and the mail still waits: the only slot is taken"


def repeatable(step, tasks, world):
    """The order is committed two seconds after its task is sent; then a message comes twice."""
    with worker(step) as log:
        pk = tasks.place(lambda order: time.sleep(2))
        if until(lambda: pk in world.charged, 6):
            first = "the first order is paid"
        else:
            first = f"the first order is never paid: {last_line(log, 'shop.')}"
        from shop import Order

        second = Order.objects.create().pk
        for _ in range(2):
            tasks.charge.delay(second)
        until(lambda: log.read_text().count("succeeded in") > (pk in world.charged) + 1)
    return f"{first}\nthe second order, whose message came twice, is {times(world, second)}"


def delivered(step, tasks, world):
    """The bank is down for a moment; then the worker process is killed amid a task."""
    from shop import Order, Payment

    first, second = Order.objects.create().pk, Order.objects.create().pk
    world.failing = 2
    with worker(step) as log:
        tasks.charge.delay(first)
        until(lambda: first in world.charged or "raised unexpected" in log.read_text())
        world.killing = True
        world.failing = 0
        tasks.charge.delay(second)
        until(lambda: second in world.charged and not world.killing)
        until(lambda: "WorkerLostError" in log.read_text())  # noticed after ten seconds
        booked = until(lambda: Payment.objects.filter(order_id=second).exists(), 6)
    what = "booked" if booked else "not booked: its message is gone"
    return (
        f"the bank fails twice: the first order is {times(world, first)}\n"
        f"killed after the bank's answer: the second order is {times(world, second)}, and {what}"
    )


def public(step, tasks, world):
    """Messages that the code of step 3 wrote are in the queue when the new worker starts."""
    from shop import Order

    pk = Order.objects.create().pk
    tasks.app.send_task("tasks.charge", (pk,), queue="celery")
    tasks.app.send_task("tasks.mail", (pk,), queue="celery")
    with worker(step) as log:
        until(lambda: pk in world.charged or "TypeError" in log.read_text())
        until(lambda: order_of(pk).mailed or "unregistered task" in log.read_text())
        mailed = order_of(pk).mailed
        paid = times(world, pk)
        if pk not in world.charged:
            paid = f"never paid: {last_line(log, 'TypeError')}"
    return f"the waiting order is {paid}\nits mail is {'sent' if mailed else 'discarded: no such task'}"


def queued(step, tasks, world):
    """Twenty reports of half a second are asked for, and then a customer comes."""
    bulk = "bulk" if step == "step5" else "celery"
    with worker(step, bulk, "bulk"), worker(step, "urgent", "urgent"):
        for day in range(20):
            tasks.report.delay(day)
        pk = tasks.place(lambda order: None)
        until(lambda: pk in world.charged)
        before = "before the reports are done" if world.reports < 20 else "after all the reports"
        mailed = until(lambda: order_of(pk).mailed, 6)
    try:
        tasks.send_mail.apply_async((pk,), queue="urgnet")
        slip = "a misspelt queue is made without a word"
    except Exception as error:
        slip = f"a misspelt queue is an error: {type(error).__name__}"
    mail = "sent" if mailed else "not sent: it waits in a queue that nobody reads"
    return f"the order is paid {before}\nthe mail is {mail}\n{slip}"


def times(world, pk):
    count = world.charged.get(pk, 0)
    return {0: "never paid", 1: "paid once", 2: "paid twice"}.get(count, f"paid {count} times")


PLAYS = {
    1: (short, ("step0", "step1")),
    2: (repeatable, ("step1", "step2")),
    3: (delivered, ("step2", "step3")),
    4: (public, ("step4_careless", "step4")),
    5: (queued, ("step4", "step5")),
}


def show(number, step):
    """Run one play on the code of one step, in this process."""
    sys.path[:0] = [str(HERE), str(HERE / step)]
    import tasks
    from shop import create_tables

    create_tables()
    tasks.app.finalize()
    world = World.current
    for line in PLAYS[number][0](step, tasks, world).splitlines():
        print(f"{step:15} {line}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("practice", type=int, choices=sorted(PLAYS))
    parser.add_argument("--on", metavar="STEP", help="only on the code of this step")
    given = parser.parse_args()
    play, steps = PLAYS[given.practice]
    if given.on is None:
        print(play.__doc__, flush=True)
        for step in steps:
            subprocess.run([sys.executable, __file__, str(given.practice), "--on", step], check=True)
        return
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        for name in ("broker", "processed", "control", "results"):
            Path(folder, name).mkdir()
        World.current = World()
        os.environ.update(
            SHOP_FOLDER=folder,
            SHOP_WORLD=f"http://127.0.0.1:{World.current.server_address[1]}",
            PYTHONPATH=str(HERE),
            PYTHONDONTWRITEBYTECODE="1",
        )
        show(given.practice, given.on)


if __name__ == "__main__":
    main()
