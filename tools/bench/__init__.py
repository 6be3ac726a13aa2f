"""What opening, calling and checking costs, beside what others make of it: `make bench`."""
