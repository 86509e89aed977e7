"""What a text says that has to be true of its translation and its summary too: values and names."""
