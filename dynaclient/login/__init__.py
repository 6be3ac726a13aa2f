"""How a person logs in: the flows of OAuth for a program on his own machine."""
