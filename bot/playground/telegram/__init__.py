"""Telegram as a bot sees it: its types, its rules, its Bot API."""
