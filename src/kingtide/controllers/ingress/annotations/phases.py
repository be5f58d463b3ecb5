"""In which order a backend's lines are written: the order in which requests meet them.

Who may not come in is turned away before anything is counted or answered for him, redirects come
before what is changed of a request that goes on, and snippets last, as in haproxytech's controller.
"""

from __future__ import annotations

OPTION = 10
"""How the backend works: balance, checks, timeouts, cookies."""
TABLE = 15
"""What is kept of clients."""
SOURCE = 20
"""Who the client is."""
ACCESS = 30
"""Who may come in."""
RATE = 40
"""How often."""
PREFLIGHT = 45
"""What browsers ask before they ask: without credentials, so it is answered before those."""
CREDENTIALS = 50
"""With which credentials."""
REDIRECT = 60
"""What is answered without a pod."""
ASKED = 62
"""Whom somebody else lets in. It takes a question over the network, so it comes after all that is
answered without one; who is sent to sign in is then on TLS already."""
CAPTURE = 65
"""What is logged."""
HEADER = 70
"""What is set on the way."""
REWRITE = 80
"""Which path the pod sees."""
SNIPPET = 90
"""What users write themselves."""
