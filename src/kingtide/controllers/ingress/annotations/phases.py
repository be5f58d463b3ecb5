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
TO_TLS = 48
"""Who comes without TLS and is to have it: sent there before he is asked for a password, which he
would write in clear. haproxytech's controller asks first."""
CREDENTIALS = 50
"""With which credentials."""
CAPTURE = 55
"""What is logged, of requests that are redirected too, as in haproxytech's controller."""
REDIRECT = 60
"""What is answered without a pod."""
ASKED = 62
"""Whom somebody else lets in. It takes a question over the network, so it comes after all that is
answered without one; who is sent to sign in is then on TLS already."""
HEADER = 70
"""What is set on the way."""
REWRITE = 80
"""Which path the pod sees."""
SNIPPET = 90
"""What users write themselves."""
