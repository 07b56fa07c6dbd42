"""What each task of a project is, as the five practices ask it, for a review at one look."""
