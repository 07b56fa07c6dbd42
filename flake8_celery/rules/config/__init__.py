"""Settings, serialisation, security."""
