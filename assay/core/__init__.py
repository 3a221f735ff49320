"""What needs neither table nor service: redaction, ids, the clock, and what a command is given."""
