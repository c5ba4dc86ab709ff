"""What lasts: the tables, their encryption, their migrations."""
