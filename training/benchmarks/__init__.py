"""Measurements run by hand: speed, accuracy, batches, the service."""
