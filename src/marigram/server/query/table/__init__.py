"""The runs table in RAM: which runs a project has and what they have at some paths, as columns that a filter looks at.

A column is loaded when a question first needs it, follows each commit, and is dropped when others need the room.
"""
