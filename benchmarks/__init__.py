"""Measures Kasama side by side with stock Rasa: `make bench`."""
