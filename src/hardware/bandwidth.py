"""How many bytes a second a memory gives: what writes tokens fast or slow. Known for chips, measured for CPUs."""

import threading
import time
from typing import TYPE_CHECKING, Any

from . import cpu

if TYPE_CHECKING:
    import numpy as np

GB = 10**9  # makers count in powers of ten

# GB/s, from the makers' data sheets. Names are as the drivers say them, in small letters without the maker's.
# Where a name was sold with several memories, the one that most have; NVML knows better and is asked first.
NVIDIA = """
112: gtx 1050, gtx 1050 ti, gtx 1050 ti with max-q design
128: gtx 1650
192: gtx 1060, gtx 1060 3gb, gtx 1060 6gb, gtx 1650 super, gtx 1660, rtx 3050 laptop gpu, rtx 4050 laptop gpu
224: rtx 3050
256: gtx 1070, gtx 1070 ti, rtx 4060 laptop gpu, rtx 4070 laptop gpu
272: rtx 4060
288: gtx 1660 ti, rtx 4060 ti
320: gtx 1080, rtx 5050
336: gtx 1660 super, rtx 2060, rtx 3060 laptop gpu
360: rtx 3060
384: rtx 5050 laptop gpu, rtx 5060 laptop gpu, rtx 5070 laptop gpu
432: rtx 4080 laptop gpu
448: rtx 2060 super, rtx 2070, rtx 2070 super, rtx 2080, rtx 3060 ti, rtx 3070, rtx 3070 laptop gpu
448: rtx 3080 laptop gpu, rtx 5060, rtx 5060 ti
484: gtx 1080 ti
496: rtx 2080 super
504: rtx 4070, rtx 4070 super, rtx 4070 ti
512: rtx 3080 ti laptop gpu
548: titan xp
576: rtx 4090 laptop gpu
608: rtx 3070 ti
616: rtx 2080 ti
653: titan v
672: titan rtx, rtx 4070 ti super, rtx 5070, rtx 5070 ti laptop gpu
717: rtx 4080
736: rtx 4080 super
760: rtx 3080
896: rtx 5070 ti, rtx 5080 laptop gpu, rtx 5090 laptop gpu
912: rtx 3080 ti
936: rtx 3090
960: rtx 5080
1008: rtx 3090 ti, rtx 4090, rtx 4090 d
1792: rtx 5090, rtx 5090 d
288: rtx a2000, rtx a2000 12gb, rtx pro 2000 blackwell
360: rtx 4000 ada generation
416: quadro rtx 4000
432: rtx 4500 ada generation
448: rtx a4000, quadro rtx 5000
576: rtx 5000 ada generation
640: rtx a4500
672: quadro rtx 6000, quadro rtx 8000, rtx pro 4000 blackwell
768: rtx a5000, rtx a5500, rtx a6000
896: rtx pro 4500 blackwell
960: rtx 5880 ada generation, rtx 6000 ada generation
1344: rtx pro 5000 blackwell
1597: rtx pro 6000 blackwell server edition
1792: rtx pro 6000 blackwell workstation edition, rtx pro 6000 blackwell max-q workstation edition
200: a2, a16
273: gb10, thor, jetson thor
300: l4
320: tesla t4, t4
347: tesla p40
600: a10, a10g
696: a40
732: tesla p100-pcie-16gb, tesla p100-sxm2-16gb
864: l20, l40, l40s
900: tesla v100-pcie-16gb, tesla v100-pcie-32gb, tesla v100-sxm2-16gb, tesla v100-sxm2-32gb
933: a30
1555: a100-sxm4-40gb, a100-pcie-40gb
1935: a100 80gb pcie
2039: a100-sxm4-80gb, h100 pcie
3352: h100 80gb hbm3, h800
3938: h100 nvl
4000: h20, gh200 480gb
4800: h200, h200 nvl, gh200 144g hbm3e
8000: b200, b300 sxm6 ac, gb200, gb300
"""
AMD = """
120: 880m graphics, 890m graphics
128: rx 6400
144: rx 6500 xt
172: pro w7500
224: rx 6600
256: rx 6600 xt, 8050s graphics, 8060s graphics
280: rx 6650 xt
288: rx 7600, rx 7600 xt, pro w7600
320: rx 6700, rx 9060 xt
384: rx 6700 xt
410: rx vega 56
432: rx 6750 xt, rx 7700 xt, rx 9070 gre
484: rx vega 64
512: rx 6800, rx 6800 xt, rx 6900 xt, pro w6800
576: rx 6950 xt, rx 7900 gre, pro w7700, pro w7800
624: rx 7800 xt
640: rx 9070, rx 9070 xt, ai pro r9700
800: rx 7900 xt
864: pro w7900, pro w7800 48gb
960: rx 7900 xtx
1024: vii, pro vii, instinct mi50, instinct mi60
1229: instinct mi100
1638: instinct mi210, instinct mi250, instinct mi250x
5300: instinct mi300a, instinct mi300x
6000: instinct mi325x
8000: instinct mi350x, instinct mi355x
"""
# Where one chip is sold with several widths of memory, its GPU cores tell which; the plain name has the least.
APPLE = """
60: a18 pro
68: m1
100: m2, m3
120: m4
150: m3 pro
153: m5
200: m1 pro, m2 pro
273: m4 pro
300: m3 max
307: m5 pro
400: m1 max, m2 max, m3 max 40
410: m4 max
460: m5 max
546: m4 max 40
614: m5 max 40
800: m1 ultra, m2 ultra
819: m3 ultra
"""
# Words of makers and of marketing, which drivers put in or leave out.
FILLERS = ("nvidia ", "geforce ", "amd ", "radeon ", "apple ", "(tm) ", "tm ")

MEASURED_BYTES = 2**28  # together larger than the last cache of nearly every processor
LEAST_BYTES = 2**24  # for each thread


def _table(text: str) -> dict[str, float]:
    rows = (line.partition(": ") for line in text.split("\n") if line)
    return {name: float(speed) * GB for speed, _, names in rows for name in names.split(", ")}


KNOWN = _table(NVIDIA) | _table(AMD) | _table(APPLE)


def of(name: str) -> float:
    """Of the chip that its driver calls by this name; 0.0 is unknown."""
    name = f"{name.lower()} "
    for filler in FILLERS:
        name = name.replace(filler, "")
    return KNOWN.get(" ".join(name.split()), 0.0)


def of_bus(bits: int, megahertz: int) -> float:
    """Of a memory that moves data twice a clock, as drivers count clocks, whatever its chips do inside."""
    return bits / 8 * megahertz * 1e6 * 2


def measure_cpu(seconds: float = 0.2) -> float:
    """What the cores that this process may use read together, as an engine does that writes a token."""
    import numpy as np  # takes a tenth of a second, and only who measures needs it

    threads = cpu.cores()
    size = max(LEAST_BYTES, MEASURED_BYTES // threads)
    readers = [_Reader(np.ones(size // 8, np.uint64), seconds) for _ in range(threads)]
    began = time.perf_counter()
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return sum(reader.read for reader in readers) / (time.perf_counter() - began)


class _Reader(threading.Thread):
    """Goes through its block, over and over; numpy lets other threads run meanwhile."""

    def __init__(self, block: "np.ndarray[Any, np.dtype[np.uint64]]", seconds: float) -> None:
        super().__init__(daemon=True)
        self.read = 0
        self._block = block
        self._seconds = seconds

    def run(self) -> None:
        end = time.perf_counter() + self._seconds
        while time.perf_counter() < end:
            self._block.max()
            self.read += self._block.nbytes
