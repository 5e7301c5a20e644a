"""The Telegram face: handlers, views, settings, the playground."""
