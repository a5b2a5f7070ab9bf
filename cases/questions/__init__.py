"""What people ask of the ledger: reads only. No screen and no clock: who asks, and when, are arguments (`Asking`)."""
