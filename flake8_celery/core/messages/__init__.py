"""What is sent: arguments, canvases, routes, what serialisers carry."""
