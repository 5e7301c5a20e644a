"""A Bot API stand-in and a chat page: the same bot, without a token and without Telegram."""
