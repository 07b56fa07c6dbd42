"""What can be put right without its author: a fix belongs to a finding and is edits of the text.

`table` says which rules have a fixer, `site` is what a fixer sees of a file, `apply` makes the
edits, in rounds, and keeps only those after which the finding is gone and no other has come.
"""
