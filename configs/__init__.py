"""The recipes that come with the program: YAML files, to be used by name or copied."""
