"""Training the models of a recipe, and what is made of trained ones."""
