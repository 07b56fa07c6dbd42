"""The rules: one file each, one folder a family; found by name, wired nowhere."""
