"""What is judged to be worth a look, pure: facts in, findings with their evidence out."""
