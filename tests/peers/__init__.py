"""Small projects with known mistakes, for comparing linters."""
