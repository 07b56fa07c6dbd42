"""Stand-in for the bank's API."""


class BankError(Exception): ...


class Bank: ...
