"""The wrong versions themselves, each a drop-in for the name that a student would write."""
