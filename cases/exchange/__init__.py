"""Excel in and out: ledgers read and written, sheets that an office can print. No rule is decided here."""
