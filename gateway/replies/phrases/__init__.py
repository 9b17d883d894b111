"""What people write, one file a language; the notation is told in `gateway/replies/notation.py`."""
