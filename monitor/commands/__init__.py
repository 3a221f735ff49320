"""The commands of the service itself."""
