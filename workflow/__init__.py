"""The rules. Pure: no database, no clock, no screen; time and facts are arguments."""
