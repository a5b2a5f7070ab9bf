"""Speed, side by side with the raw drivers in one run: what the README quotes. `make bench` prints it.

Ratios are medians over alternating rounds of equal work; a machine's mood moves both sides alike.
"""
