"""What may be done with files, in the bits of the kernel's Landlock. Pure."""

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << bit for bit in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = (1 << bit for bit in range(13, 16))

READ = EXECUTE | READ_FILE | READ_DIR
CHANGE = WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_FIFO | MAKE_SYM | REFER
# The others are meant for folders, and the kernel refuses them for a file.
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

BIND_AND_CONNECT = 0b11
# To abstract sockets, and by signals.
SCOPES = 0b11

# Linux 6.2. Before it, files anywhere could be cut short.
LEAST = 3
WITH_NETWORK = 4
WITH_IOCTL = 5
# Linux 6.12. Before it, every process of the same user can be signalled.
WITH_SCOPES = 6


def handled(abi: int) -> tuple[int, int, int]:
    """What is refused unless it is granted: with files, of the network, towards others."""
    files = (IOCTL_DEV << 1) - 1 if abi >= WITH_IOCTL else IOCTL_DEV - 1
    return files, BIND_AND_CONNECT if abi >= WITH_NETWORK else 0, SCOPES if abi >= WITH_SCOPES else 0
