"""What templates of the evaluation may call."""
