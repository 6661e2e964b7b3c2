"""What several answers are worth: pools of candidates, and the ways to choose one of them."""
