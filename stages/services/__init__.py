"""Paid or remote services: the budget, and what each service adds."""
