"""Files of models travel from a node that has them to one that needs them, before the internet is asked."""
