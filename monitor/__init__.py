"""Serve: settings, scheduler, readiness, metrics, HTTP API, command line, composition root."""
