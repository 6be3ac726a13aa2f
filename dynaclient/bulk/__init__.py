"""Many calls of one operation: rows from anywhere, sent by many workers, kept in a journal."""
