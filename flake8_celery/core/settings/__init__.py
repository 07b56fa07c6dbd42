"""What holds for an application: its settings, from wherever they come."""
