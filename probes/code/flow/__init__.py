"""The abstract interpreter.

What a handler's answer is made of, and what it does to stores, memory, files and services.
"""
