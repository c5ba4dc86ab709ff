"""Messages that were not understood: de-identified, grouped, labelled, and exported as training lines."""
