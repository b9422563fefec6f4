"""Pictures of what the bot sends, drawn from what stands on the servers that play the platforms.

    python -m tests.pictures

runs the bot, asks it, and writes `docs/pictures/*.png`. It needs Chromium.
"""
