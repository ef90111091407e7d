"""Everything behind the port: doors, stores, protocols and the read API."""
