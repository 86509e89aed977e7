"""Running a recipe: the runner, the run folder and its record, progress, the plan."""
