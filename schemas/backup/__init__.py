"""The whole database in one file, and back: from SQLite or PostgreSQL, into either."""
