"""`pivot-sum report`: runs side by side in one page."""
