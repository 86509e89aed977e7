"""Recipes: YAML to checked steps, and editing a recipe's file."""
