"""The programs that run a local sequence-to-sequence model, behind one small interface."""
