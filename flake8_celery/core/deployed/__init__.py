"""What is deployed, and what the files in front of us change of it."""
