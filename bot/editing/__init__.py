"""Tools for those who write the content: what is there and how old, skeletons, schemas, confirmations."""
