"""The ledger: rows, and the one door through which they change."""
