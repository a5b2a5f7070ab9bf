"""The schema's history: small ordered steps, inside the package, from nothing to cases.store.SCHEMA.

A migration never changes once it was released and imports nothing that may. cases/setup.py runs them, in one
transaction and one at a time.
"""
