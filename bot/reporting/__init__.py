"""Monthly figures for advocacy, with small numbers hidden also against subtraction."""
