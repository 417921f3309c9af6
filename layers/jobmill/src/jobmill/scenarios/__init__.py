"""Scenarios: what a test run expects of values and answers, and whether it holds. Knows no AWS, and asks nobody."""
