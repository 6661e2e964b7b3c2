"""What an engine's process finds in its environment beside the node's own."""

from collections.abc import Mapping

TUNABLES = "GLIBC_TUNABLES"
# Large pieces of memory in pages of two megabytes, where Linux leaves that to the program: weights and cells are gone
# through from end to end in every step, and the processor looks up fewer addresses. Measured: 2 to 3 % of a step.
LARGE_PAGES = "glibc.malloc.hugetlb"


def surroundings(own: Mapping[str, str]) -> dict[str, str]:
    tunables = [part for part in own.get(TUNABLES, "").split(":") if part]
    if not any(part.startswith(f"{LARGE_PAGES}=") for part in tunables):
        tunables.append(f"{LARGE_PAGES}=1")
    return {**own, TUNABLES: ":".join(tunables)}
