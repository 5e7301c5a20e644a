"""What comes in and what goes out, and in which order: nobody waits for another one's flood."""
