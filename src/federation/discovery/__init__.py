"""Other machines of the LAN, found by multicast DNS.

A record is a hint where somebody may be reached: never proof that he is there, nor of who he is. Whatever comes from
the network may be forged, and there may be any amount of it.
"""

from .addresses import usable
from .discovery import Discovery
from .find import find, search
from .record import Record, Sighting

__all__ = ["Discovery", "Record", "Sighting", "find", "search", "usable"]
