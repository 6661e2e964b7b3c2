"""What is on the machine already is found, whoever downloaded it, and nothing that is broken there does harm."""

import hashlib
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from localswarm.models.card import ModelFile
from localswarm.models.hub.caches import Caches, Found, ollama_models, ollama_name, usual
from localswarm.models.hub.digests import Digests, Stamp

REPO = "someone/small-GGUF"
NAME = "small-Q4_0.gguf"
DATA = random.Random(3).randbytes(10_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
FILE = ModelFile(NAME, len(DATA), SHA256)
COMMIT = "a" * 40


def put(path: Path, data: bytes = DATA) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def in_hub(cache: Path, repo: str = REPO, name: str = NAME, data: bytes = DATA, blob: str = "") -> Path:
    folder = cache / f"models--{repo.replace('/', '--')}"
    put(folder / "blobs" / (blob or hashlib.sha256(data).hexdigest()), data)
    pointer = folder / "snapshots" / COMMIT / name
    pointer.parent.mkdir(parents=True, exist_ok=True)
    pointer.symlink_to(os.path.relpath(folder / "blobs" / (blob or hashlib.sha256(data).hexdigest()), pointer.parent))
    return pointer


def in_ollama(folder: Path, place: str = "registry.ollama.ai/library/small/7b", data: bytes = DATA) -> Path:
    digest = hashlib.sha256(data).hexdigest()
    manifest = {
        "schemaVersion": 2,
        "config": {"digest": f"sha256:{'c' * 64}", "mediaType": "application/vnd.docker.container.image.v1+json"},
        "layers": [
            {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{digest}", "size": len(data)},
            {"mediaType": "application/vnd.ollama.image.license", "digest": f"sha256:{'d' * 64}", "size": 7},
        ],
    }
    put(folder / "manifests" / place, json.dumps(manifest).encode())
    return put(folder / "blobs" / f"sha256-{digest}", data)


def found_in(tmp_path: Path) -> dict[str, Path]:
    """One copy in each kind of place."""
    return {
        "hub": in_hub(tmp_path / "hub"),
        "ollama": in_ollama(tmp_path / "ollama"),
        "lmstudio": put(tmp_path / "lmstudio" / REPO / NAME),
        "folder": put(tmp_path / "folder" / "deep" / "another-name.gguf"),
    }


def caches(tmp_path: Path) -> Caches:
    names = ("hub", "ollama", "lmstudio", "folder")
    return Caches(*[(tmp_path / name,) for name in names])


@pytest.mark.parametrize("source", ["hub", "ollama", "lmstudio", "folder"])
def test_found_by_its_hash_wherever_it_is(source: str, tmp_path: Path) -> None:
    path = found_in(tmp_path)[source]
    only = {"hub": "hub", "ollama": "ollama", "lmstudio": "lmstudio", "folder": "folders"}[source]
    assert Caches(**{only: (tmp_path / source,)}).find("whoever/uploaded-it", FILE) == path


@pytest.mark.parametrize("source, there", [("hub", True), ("lmstudio", True), ("ollama", False), ("folder", False)])
def test_without_a_hash_repository_name_and_size_decide(source: str, there: bool, tmp_path: Path) -> None:
    path = found_in(tmp_path)[source]
    only = {"hub": "hub", "ollama": "ollama", "lmstudio": "lmstudio", "folder": "folders"}[source]
    here = Caches(**{only: (tmp_path / source,)})
    assert here.find(REPO, ModelFile(NAME, len(DATA))) == (path if there else None)
    assert here.find("other/repo", ModelFile(NAME, len(DATA))) is None
    assert here.find(REPO, ModelFile(NAME, len(DATA) + 1)) is None
    assert here.find(REPO, ModelFile("x" + NAME, len(DATA))) is None


def test_a_folder_of_the_user_counts_without_a_hash_too(tmp_path: Path) -> None:
    path = put(tmp_path / NAME)
    assert Caches(folders=(tmp_path,)).find(REPO, ModelFile(NAME, len(DATA))) == path


def test_another_file_of_the_same_size_is_not_it(tmp_path: Path) -> None:
    put(tmp_path / "folder" / NAME, DATA[::-1])
    in_hub(tmp_path / "hub", data=DATA[::-1])
    assert caches(tmp_path).find(REPO, FILE) is None


def test_a_damaged_blob_is_not_it_whatever_its_name_says(tmp_path: Path) -> None:
    in_hub(tmp_path / "hub", data=DATA[::-1], blob=SHA256)
    in_ollama(tmp_path / "ollama").write_bytes(DATA[::-1])
    assert caches(tmp_path).find(REPO, FILE) is None


def test_a_hash_is_taken_once_and_again_only_after_a_change(tmp_path: Path) -> None:
    path = put(tmp_path / "folder" / NAME)
    known: dict[Stamp, str] = {}
    hashed: list[Path] = []
    for _ in range(2):
        assert caches(tmp_path).find(REPO, FILE, Digests(known, hashed.append)) == path
    assert hashed == [path]
    os.utime(path, (1, 1))
    assert caches(tmp_path).find(REPO, FILE, Digests(known, hashed.append)) == path
    assert hashed == [path, path]


def test_what_was_verified_is_not_hashed(tmp_path: Path) -> None:
    path, hashed = in_hub(tmp_path / "hub"), list[Path]()
    digests = Digests(hashing=hashed.append)
    digests.remember(path, SHA256)
    assert caches(tmp_path).find(REPO, FILE, digests) == path
    assert hashed == []


def test_what_cannot_be_it_is_never_hashed(tmp_path: Path) -> None:
    put(tmp_path / "folder" / "larger.gguf", DATA + b"x")
    in_hub(tmp_path / "hub", data=DATA[::-1])
    hashed: list[Path] = []
    assert caches(tmp_path).find(REPO, FILE, Digests(hashing=hashed.append)) is None
    assert hashed == []


PARTS = [f"big-{n:05}-of-00002.gguf" for n in (1, 2)]
BIG = [ModelFile(name, 100 + n, hashlib.sha256(bytes(100 + n)).hexdigest()) for n, name in enumerate(PARTS)]


def test_parts_are_taken_only_where_all_lie_together(tmp_path: Path) -> None:
    put(tmp_path / "folder" / "a" / PARTS[0], bytes(100))
    put(tmp_path / "folder" / "b" / PARTS[1], bytes(101))
    assert caches(tmp_path).find_all(REPO, BIG) is None
    (tmp_path / "folder" / "c").mkdir()
    together = [put(tmp_path / "folder" / "c" / name, bytes(100 + n)) for n, name in enumerate(PARTS)]
    assert caches(tmp_path).find_all(REPO, BIG) == together
    together[1].write_bytes(b"\1" * 101)
    assert caches(tmp_path).find_all(REPO, BIG) is None


def test_parts_in_the_hub(tmp_path: Path) -> None:
    paths = [in_hub(tmp_path / "hub", name=f"Q8/{name}", data=bytes(100 + n)) for n, name in enumerate(PARTS)]
    files = [ModelFile(f"Q8/{file.name}", file.bytes, file.sha256) for file in BIG]
    assert caches(tmp_path).find_all(REPO, files) == paths
    assert caches(tmp_path).find_all(REPO, [ModelFile(file.name, file.bytes) for file in files]) == paths


def test_a_model_of_many_kinds_of_files(tmp_path: Path) -> None:
    files = [ModelFile("config.json", 2), ModelFile("model.safetensors", len(DATA), SHA256)]
    paths = [in_hub(tmp_path / "hub", name="config.json", data=b"{}"), in_hub(tmp_path / "hub", name=files[1].name)]
    assert caches(tmp_path).find_all(REPO, files) == paths
    assert caches(tmp_path).list_gguf() == []


def test_one_file_alone(tmp_path: Path) -> None:
    path = in_ollama(tmp_path / "ollama")
    assert caches(tmp_path).find_all(REPO, [FILE]) == [path]
    assert caches(tmp_path).find_all(REPO, BIG[:1]) is None


def test_the_list_names_each_file_once(tmp_path: Path) -> None:
    paths = found_in(tmp_path)
    second = tmp_path / "hub" / "models--someone--small-GGUF" / "snapshots" / ("b" * 40) / NAME
    second.parent.mkdir()
    second.symlink_to(f"../../blobs/{SHA256}")
    (tmp_path / "folder" / "link.gguf").symlink_to(paths["lmstudio"])
    put(tmp_path / "folder" / "notes.txt")
    assert caches(tmp_path).list_gguf() == [
        Found(paths["hub"], "hub", REPO, NAME, len(DATA)),
        Found(paths["ollama"], "ollama", "small:7b", "7b", len(DATA)),
        Found(paths["lmstudio"], "lmstudio", REPO, NAME, len(DATA)),
        Found(paths["folder"], "folder", "", "deep/another-name.gguf", len(DATA)),
    ]


def test_broken_things_are_passed_over(tmp_path: Path) -> None:
    good = found_in(tmp_path)
    hub, ollama, folder = tmp_path / "hub", tmp_path / "ollama", tmp_path / "folder"
    dangling = hub / "models--a--b" / "snapshots" / COMMIT / NAME
    dangling.parent.mkdir(parents=True)
    dangling.symlink_to("../../blobs/none")
    put(hub / "models--no--folder", b"a file")
    put(hub / "version.txt")
    for n, text in enumerate(
        [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"layers": 7}', b'{"layers": [{}, 3]}', b"[" * 99999]
    ):
        put(ollama / "manifests" / "registry.ollama.ai" / "library" / f"broken{n}" / "latest", text)
    in_ollama(ollama, "registry.ollama.ai/library/pruned/latest", b"gone").unlink()
    put(folder / "empty.gguf", b"")
    (folder / "a-folder.gguf").mkdir()
    (folder / "circle").symlink_to(folder)
    (folder / "self.gguf").symlink_to("self.gguf")
    os.mkfifo(folder / "pipe.gguf")
    os.mkfifo(ollama / "manifests" / "pipe")
    assert {found.path for found in caches(tmp_path).list_gguf()} == set(good.values())
    assert Caches(hub=(tmp_path / "none",), folders=(folder / "empty.gguf",)).list_gguf() == []


@pytest.fixture
def nobody() -> Iterator[None]:
    """Root may read everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


def test_folders_that_may_not_be_read(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found_in(tmp_path)
    for folder in tmp_path.iterdir():
        folder.chmod(0)
    request.getfixturevalue("nobody")
    assert caches(tmp_path).list_gguf() == []
    assert caches(tmp_path).find(REPO, FILE) is None


def test_a_digest_that_would_lead_elsewhere() -> None:
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../../etc/passwd"}
    assert ollama_models(json.dumps({"layers": [layer]})) == []


@pytest.mark.parametrize(
    "place, name",
    [
        ("registry.ollama.ai/library/qwen2.5-coder/7b", "qwen2.5-coder:7b"),
        ("registry.ollama.ai/someone/model/latest", "someone/model:latest"),
        ("hf.co/bartowski/Some-GGUF/Q4_K_M", "hf.co/bartowski/Some-GGUF:Q4_K_M"),
        ("stray", ":stray"),
    ],
)
def test_names_as_ollama_says_them(place: str, name: str) -> None:
    assert ollama_name(place.split("/")) == name


def test_the_usual_places(tmp_path: Path) -> None:
    here = usual(tmp_path, "linux")
    assert here.hub == (tmp_path / ".cache/huggingface/hub",)
    assert here.ollama[:2] == (tmp_path / ".ollama/models", Path("/usr/share/ollama/.ollama/models"))
    assert here.lmstudio == (tmp_path / ".cache/lm-studio/models", tmp_path / ".lmstudio/models")
    assert here.folders == (tmp_path / ".cache/llama.cpp",)
    assert usual(tmp_path, "win32").ollama == (tmp_path / ".ollama/models",)
    assert usual(tmp_path, "darwin").folders == (tmp_path / "Library/Caches/llama.cpp",)
    moved = usual(tmp_path, "linux", hub=Path("/h"), ollama=Path("/o"))
    assert (moved.hub, moved.ollama[0]) == ((Path("/h"),), Path("/o"))


def test_lmstudio_says_where_it_lives(tmp_path: Path) -> None:
    put(tmp_path / ".lmstudio-home-pointer", b"/elsewhere/lmstudio\n")
    assert usual(tmp_path, "linux").lmstudio[0] == Path("/elsewhere/lmstudio/models")
    put(tmp_path / ".lmstudio-home-pointer", str(tmp_path / ".lmstudio").encode())
    assert usual(tmp_path, "linux").lmstudio == (tmp_path / ".lmstudio/models", tmp_path / ".cache/lm-studio/models")
    put(tmp_path / ".lmstudio" / "settings.json", b'{"downloadsFolder": "/large-disk/models"}')
    assert usual(tmp_path, "linux").lmstudio[0] == Path("/large-disk/models")
    put(tmp_path / ".lmstudio" / "settings.json", b"[]")
    assert usual(tmp_path, "linux").lmstudio[0] == tmp_path / ".lmstudio/models"
