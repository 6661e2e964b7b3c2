"""Names of seats, that a reader of a log remembers: short, plain, and no two alike."""

import hashlib

WORDS = (
    "acorn alder amber anise aspen aster badger basil beech birch bison briar brook cedar cicada clover cobalt comet "
    "condor coral cosmos cricket crocus cypress dahlia daisy delta dingo dolphin ember falcon fennel ferret fern finch "
    "fjord flint gannet garnet gecko ginger glacier grouse hazel heron hickory hornet ibis indigo iris ivory jackal "
    "jasmine juniper kestrel koala lagoon larch lark laurel lemur lichen linnet lotus lynx magpie mallow maple marten "
    "merlin mesa mica minnow moose myrtle narwhal nettle nutmeg oak ocelot olive onyx opal orchid osprey otter oyster "
    "panda pebble pepper petrel pigeon pine plover poppy prairie puffin quail quartz raven reed robin rowan saffron "
    "sage salmon sequoia shrike sorrel sparrow spruce squid starling stork sumac swift tamarin tansy teal tern thistle "
    "thyme toucan tundra turnip urchin vervain viola walnut walrus willow wombat wren yarrow yucca zebra zinnia"
).split()


class Names:
    """A seat keeps its name as long as the node runs, and mostly longer: it is found by the name of its member."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], str] = {}
        self._taken: set[str] = set()

    def of(self, member: str, seat: int) -> str:
        key = (member, seat)
        if key not in self._known:
            self._known[key] = self._free(member, seat)
            self._taken.add(self._known[key])
        return self._known[key]

    def _free(self, member: str, seat: int) -> str:
        begin = int.from_bytes(hashlib.sha256(member.encode()).digest()[:4]) + seat
        for round in range(1, len(self._taken) + 2):
            for at in range(len(WORDS)):
                word = WORDS[(begin + at) % len(WORDS)]
                name = word if round == 1 else f"{word}-{round}"
                if name not in self._taken:
                    return name
        raise AssertionError("one round more than there are names has a free one")
