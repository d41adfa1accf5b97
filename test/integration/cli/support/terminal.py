"""Runs a program on a pseudo-terminal: what comes on stdin are its keys, what it shows goes to stdout.

TERMINAL_COLUMNS says how wide it is."""
import fcntl, os, pty, select, struct, sys, termios

columns = int(os.environ.get('TERMINAL_COLUMNS', '160'))
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 40, columns, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
inputs = [terminal, 0]
while terminal in inputs:
    for ready in select.select(inputs, [], [])[0]:
        try:
            data = os.read(ready, 65536)
        except OSError:
            data = b''
        if not data:
            inputs.remove(ready)
        else:
            os.write(1 if ready == terminal else terminal, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
