"""Where requests meet a network: the port, its guards, and one driver for each HTTP client."""
