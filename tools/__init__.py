"""What the project needs to build itself; not installed."""
