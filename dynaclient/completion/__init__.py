"""What could stand at the cursor: in a shell, at Python's prompt, in a notebook."""
