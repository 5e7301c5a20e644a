"""How a name was written: a picture of the letters that competed, and of the network's memory."""
