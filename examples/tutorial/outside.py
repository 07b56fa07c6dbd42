"""The playground: a broker made of files, and the suppliers and the bank that tasks talk to."""

import json
import os
import urllib.error
from urllib.request import Request, urlopen

FOLDER = os.environ.get("SHOP_FOLDER", ".")
#: Where suppliers, archive and bank answer.
WORLD = os.environ.get("SHOP_WORLD", "http://127.0.0.1:1")
RESULTS = f"file://{FOLDER}/results"
TRANSPORT = {
    "data_folder_in": f"{FOLDER}/broker",
    "data_folder_out": f"{FOLDER}/broker",
    "processed_folder": f"{FOLDER}/processed",
    "control_folder": f"{FOLDER}/control",
}


class BankError(Exception):
    """The bank is down, or says no."""


def take_money(order_id, currency="EUR", key=None):
    """Ask the bank for money; work that it knows by its `key` it does once."""
    order = {"order": order_id, "currency": currency, "key": key, "process": os.getpid()}
    try:
        with urlopen(Request(f"{WORLD}/bank", json.dumps(order).encode()), timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise BankError(str(error)) from error
