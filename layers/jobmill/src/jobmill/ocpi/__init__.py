"""OCPI 2.2.1 as a collector speaks it: peers, their objects, one guarded request, one whole window of pages.

Knows neither AWS nor jobs. Source of the protocol: github.com/ocpi/ocpi, branch release-2.2.1-bugfixes.
"""
