"""Placeholders through a translator: masks, and the ladder that tries them."""
