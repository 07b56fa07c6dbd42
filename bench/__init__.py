"""What the plugin costs, on real code."""
