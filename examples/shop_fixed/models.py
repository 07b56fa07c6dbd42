"""Stand-ins for the shop's Django models."""


class Order: ...


class Report: ...
