"""A process of its own that downloads: python -m tests.models.fetching ENDPOINT CACHE REPO FILE BYTES SHA256 [LARGEST]

It prints what it is told while it waits, then the path, or the code and the message of its failure.
"""

import resource
import sys
from pathlib import Path

from localswarm.models.card import ModelFile
from localswarm.models.hub.download import Downloader
from localswarm.models.hub.hub import Hub, HubSettings
from localswarm.models.hub.patience import Patience
from localswarm.models.hub.progress import Watch
from localswarm.models.hub.refusals import DownloadFailed


def main(endpoint: str, cache: str, repo: str, file: str, size: str, sha256: str, largest: str = "") -> None:
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))
    hub = Hub(HubSettings(Path(cache), endpoint), Patience(attempts=2, first_wait=0.05))
    watch = Watch(notice=lambda sentence: print(sentence, flush=True))
    downloader = Downloader(hub, watch, free=lambda folder: 2**40, reserve=2**17)
    try:
        print(*downloader.fetch(repo, [ModelFile(file, int(size), sha256)]))
    except DownloadFailed as failure:
        print(failure.code, failure.message)


if __name__ == "__main__":
    main(*sys.argv[1:])
