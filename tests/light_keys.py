"""Key files that open at once: scrypt as always, with far less work for each guess.

Whoever runs the service opens two keys once; the tests open some thousand. What the work is
outside the tests, ``tests/keys/strangers/test_tools.py`` lets openssl read from a file.
"""

from keys import pkcs8

vars(pkcs8).update(SCRYPT_N=2**4, SCRYPT_P=1)
