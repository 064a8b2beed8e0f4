"""``tamizdat demo``: a sample newsroom, the service, and three mirrors on this machine.

Everything listens on loopback alone, and everything lies in one folder: throw it away, and
the demo begins anew. What must stay the same between two runs is in its ``demo.json``.
"""
