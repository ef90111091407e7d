"""One folder per spoken protocol; each turns its bytes into operations and back, and knows nothing of stores."""
