"""What a verb does besides moving: it loads, asks the ledger's door to move, and writes the papers around the move.

A verb takes a `Door` – one transaction, somebody acting – and returns an `Outcome`. It prints nothing and parses nothing.
"""
