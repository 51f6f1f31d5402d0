"""The tables: migrations forward only (``NNNN_name.sql``), and who writes what (``writers.py``)."""
