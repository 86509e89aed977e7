"""`pivot-sum eda`: a data file in one page, before anything is run over it."""
