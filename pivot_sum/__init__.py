"""pivot-sum: Korean dialogues summarised through English, every stage cached, replayable
offline.
"""

__version__ = "0.1.0"
