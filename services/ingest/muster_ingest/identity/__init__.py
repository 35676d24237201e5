"""Who there is and what opens: people, their tokens, signing in, what was taken back."""
