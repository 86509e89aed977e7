"""What a round trip through English can change, followed from the dialogue to the summary."""
