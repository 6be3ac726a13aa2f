"""Values that meet a schema, and values that break it in one place."""
