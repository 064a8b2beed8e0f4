"""Reading a mirror by its address, as any reader's machine would: bounded, and with no trust."""
