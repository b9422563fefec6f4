"""`python -m supportbot` is the command `supportbot`."""

from supportbot.cli import main

if __name__ == "__main__":
    main()
