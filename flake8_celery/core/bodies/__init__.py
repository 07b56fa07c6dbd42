"""What bodies do: the calls that a task makes, the writes, the waits, the objects it hands on."""
