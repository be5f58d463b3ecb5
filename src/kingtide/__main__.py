"""`python -m kingtide` is the command `kingtide`."""

from kingtide.cli.app import main

if __name__ == "__main__":
    main()
