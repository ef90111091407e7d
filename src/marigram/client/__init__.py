"""What runs in the user's process, and the syncer beside it: run, queue, syncer, transport, guard.

Importing this package loads nothing that talks to a network and nothing of the server.
"""
