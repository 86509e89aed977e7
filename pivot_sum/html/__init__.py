"""What the pages of `report` and `eda` share: the page, plots, marked texts, and its words in two
languages."""
