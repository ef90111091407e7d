"""What differs between operating systems, one module per concern; everything above is written once for all.

Each module says in its docstring what all systems promise, and branches on `sys.platform` at its top level, so that a
type checker that is told a platform sees exactly that platform's code. Linux is what the tests run on. The code for
Windows runs there too, against stand-ins for what only Windows has; that for macOS is checked by its types alone.
"""
