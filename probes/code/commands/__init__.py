"""The scanner's commands."""
