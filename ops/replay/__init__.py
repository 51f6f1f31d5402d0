"""Recorded trades decided again by the very code that decides the living ones, into topics and tables of their own.

Nothing here can trade: no key, no venue and no route to one is imported, and the database's role may write nothing but
the schema ``shadow`` (docs/decisions/0019).
"""
