"""Gateways that reach no phone, each in a process of its own: `python -m tests.gateways.server waha --port 0`.

They are written from what the real programs were seen to answer, not from our adapters, and keep what would have
reached a phone. So a test can compare what an adapter said with what really happened. Standard library only.
"""
