"""A small LAN in one Linux machine, with faults that can be turned on and off.

Each host is a network and hostname namespace, each LAN an Ethernet segment whose frames pass through one switch: a
child process that reads TAP devices. As every frame passes through it, it can lose, delay, repeat, limit or block
frames between any two hosts, in one direction or both, without a bridge, a firewall or netem. Nothing is made in the
machine's own network.

Only file descriptors and the processes inside keep the namespaces alive. When the lab's own process ends in any way,
SIGKILL included, the switch notices, kills what still runs inside the hosts, and ends; the kernel drops the rest.

    with Lab(3) as lab:                        # hosts h1 h2 h3 on one LAN
        node = lab["h1"].popen(["python", "main.py", "--auto"])
        lab.link("h1", "h2", delay=0.05, jitter=0.01, loss=0.02)
        lab.partition(["h1"], ["h2", "h3"])
        lab.heal()
        freeze(node), thaw(node), kill(node)

Two LANs: Lab({"a": ["lan0"], "b": ["lan0", "lan1"], "c": ["lan1"]}).
From a terminal: python -m tests.lan.netlab --help.
Needs Linux, iproute2, /dev/net/tun, and root. Times are in seconds, probabilities 0 to 1, rates in bytes per second.
"""

from .host import Host
from .lab import Lab, unavailable
from .processes import freeze, kill, thaw

__all__ = ["Host", "Lab", "freeze", "kill", "thaw", "unavailable"]
