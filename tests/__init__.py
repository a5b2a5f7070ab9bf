"""The tests, in rooms like the code's; real stores everywhere."""
