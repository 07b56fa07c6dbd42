"""What a task takes, what a change to it breaks, and the lock that remembers it: pure, no model."""
