"""Pages to look at: runs side by side (`report`), and a data file before anything is run (`eda`)."""
