"""What helps a person, or an agent, to find an operation, to write a call of it, and to look at what came."""
