"""`python -m pivot_sum` is the command line."""

from pivot_sum.commands.main import main

if __name__ == "__main__":
    main()
