"""The catalogue that is shipped is plausible, and a wrong one is refused in one sentence that names the place."""

from pathlib import Path

import pytest
from localswarm.errors import SettingError
from localswarm.models import embedded
from localswarm.models.card import ModelCard
from localswarm.models.catalogue import catalogue, quants
from localswarm.models.catalogue.catalogue import load

SHIPPED = Path(__file__).parents[2] / "config" / "models.toml"
PAGE = SHIPPED.parents[1] / "docs" / "catalogue.md"
CARDS = load(SHIPPED, None).cards
SIZES = sorted({(card.family, card.size) for card in CARDS})

# Bits of one weight in the body of a file; embeddings and output are kept in about 6.6 bits whatever its name says.
BITS = {"q2_k": 3.1, "q3_k_m": 3.9, "q4_1": 5.0, "q4_k_m": 4.85, "q5_k_m": 5.7, "q6_k": 6.56, "q8_0": 8.5, "mxfp4": 4.4}
BITS |= {"4bit": 4.5, "6bit": 6.5, "8bit": 8.5, "mxfp4-q8": 4.4}

SMALL = """
[[family]]
name = "tiny"
title = "Tiny"
licence = "mit"
tools = "none"
context = 2048
coding = 1
chat = 2
gguf = { repo = "someone/Tiny-{label}-GGUF", file = "tiny-{size}-{QUANT}.gguf", split = "{quant}/tiny-{part}.gguf" }
mlx = { repo = "someone/Tiny-{label}-{quant}", file = "*.safetensors" }

[[family.size]]
name = "1b"
label = "1B"
parameters = 1_000_000_000

[family.size.geometry]
architecture = "llama"
layers = 4
embedding = 64
feed_forward = 128
heads = 4
vocabulary = 100
attention = [{ count = 4, keys = 32, values = 32 }]
checked = true

[family.size.gguf]
q4_k_m = { bytes = 600_000_000, verified = false }
"""


@pytest.fixture
def builtin(tmp_path: Path) -> Path:
    return written(tmp_path / "models.toml", SMALL)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def fault(text: str, path: Path) -> str:
    with pytest.raises(SettingError) as caught:
        load(written(path, text), None)
    message = caught.value.message
    assert message.startswith(str(path)) and "\n" not in message
    return message.removeprefix(f"{path}: ")


# What is shipped


def test_the_families_that_are_expected_are_there() -> None:
    families = {card.family for card in CARDS}
    assert families >= {"qwen2.5-coder", "qwen3", "qwen3-coder", "qwen3.5", "qwen3.6", "gpt-oss", "gemma3", "llama3.1"}
    assert families >= {"deepseek-coder", "codellama", "starcoder2", "smollm2"}
    sizes = {card.size for card in CARDS if card.family == "qwen2.5-coder"}
    assert sizes == {"0.5b", "1.5b", "3b", "7b", "14b", "32b"}
    assert {card.size for card in CARDS if card.family == "gpt-oss"} == {"20b", "120b"}


def test_every_id_and_every_file_is_there_once() -> None:
    ids = [card.id for card in CARDS]
    assert len(set(ids)) == len(ids)
    files = [(card.repo, file.name) for card in CARDS for file in card.files]
    assert len(set(files)) == len(files)


def test_only_what_has_a_digest_is_called_verified() -> None:
    for card in CARDS:
        if card.verified:
            assert all(file.sha256 for file in card.files), card.id
    assert any(card.verified for card in CARDS)


def test_computed_bytes_are_round_and_not_called_verified() -> None:
    """What was computed is rounded up to a million: no real file is that round."""
    computed = [card for card in CARDS if all(file.bytes % 1_000_000 == 0 for file in card.files)]
    assert computed and not any(card.verified for card in computed)


def expected_bytes(card: ModelCard) -> float:
    shape = card.geometry
    table = shape.vocabulary * shape.embedding
    bits = BITS[card.quant]
    if card.format == "mlx" or bits > 6.6:
        return card.parameters * bits / 8
    return ((card.parameters - table) * bits + table * 6.6) / 8


def fallback(card: ModelCard) -> bool:
    return card.geometry.embedding % 256 != 0 or card.geometry.feed_forward % 256 != 0


@pytest.mark.parametrize(("family", "size"), SIZES)
def test_bytes_fit_the_parameters(family: str, size: str) -> None:
    for card in of_size(family, size):
        # Rows that are no multiple of 256 fall back to wider types; tiny models are mostly embeddings, some kept
        # twice; MLX files bring the eyes of models that see.
        loose = card.parameters < 3e9 or fallback(card) or card.format == "mlx"
        ratio = card.bytes / expected_bytes(card)
        assert 0.85 < ratio < (1.75 if loose else 1.15), f"{card.id}: {ratio:.2f}"


@pytest.mark.parametrize(("family", "size"), SIZES)
def test_the_geometry_is_plausible(family: str, size: str) -> None:
    card = of_size(family, size)[0]
    shape = card.geometry
    assert shape.embedding % 64 == 0 and shape.trained_context % 1024 == 0
    assert sum(row.count for row in shape.attention) <= shape.layers
    for row in shape.attention:
        assert row.keys % 64 == 0 and row.keys <= shape.heads * 512
        assert row.values in (0, row.keys) or shape.architecture == "deepseek2"
    assert (shape.state > 0) == (shape.architecture in ("qwen35", "qwen35moe", "qwen3next"))
    assert (shape.experts > 0) == (card.active < card.parameters / 2) or family == "gemma4"


@pytest.mark.parametrize(("family", "size"), SIZES)
def test_dense_parameters_follow_from_the_geometry(family: str, size: str) -> None:
    card = of_size(family, size)[0]
    shape = card.geometry
    if card.active < card.parameters:
        return
    table = shape.vocabulary * shape.embedding
    matrices = 2 if shape.architecture == "starcoder2" else 3
    layer = matrices * shape.embedding * shape.feed_forward
    layer += shape.embedding * (2 * shape.embedding + shape.attention[-1].keys + shape.attention[-1].values)
    ratios = [card.parameters / (shape.layers * layer + tables * table) for tables in (1, 2)]
    # Recurrent layers are wider than attention, and so are query heads that together exceed the embedding.
    assert any(0.9 < ratio < 1.3 for ratio in ratios), ratios


def of_size(family: str, size: str) -> list[ModelCard]:
    return [card for card in CARDS if (card.family, card.size) == (family, size)]


def test_ranks_are_in_a_defensible_order() -> None:
    rank = {(card.family, card.size): card.rank["coding"] for card in CARDS}
    assert min(rank, key=lambda key: rank[key]) == ("smollm2", "135m")
    assert rank["codellama", "7b"] + 20 < rank["qwen2.5-coder", "7b"] < rank["qwen3.5", "9b"]
    for use in ("coding", "chat"):
        for family in {card.family for card in CARDS if card.active == card.parameters}:
            dense = {card.parameters: card.rank[use] for card in CARDS if dense_of(card, family)}
            ranks = [dense[size] for size in sorted(dense)]
            assert ranks == sorted(ranks), family


def dense_of(card: ModelCard, family: str) -> bool:
    return card.family == family and card.active == card.parameters


def test_the_model_of_the_installation_is_in_it() -> None:
    card = next(card for card in CARDS if card.id == "smollm2:135m:q4_1")
    assert (card.repo, card.verified) == ("", True)
    assert [(file.name, file.sha256) for file in card.files] == [(embedded.FILE, embedded.SHA256)]
    assert card.bytes == embedded.find().stat().st_size


def test_split_files_are_named_in_order() -> None:
    card = next(card for card in CARDS if card.id == "qwen3-coder-next:80b:q4_k_m")
    assert [file.name for file in card.files] == [
        f"Qwen3-Coder-Next-Q4_K_M/Qwen3-Coder-Next-Q4_K_M-0000{part}-of-00004.gguf" for part in (1, 2, 3, 4)
    ]
    assert len({file.sha256 for file in card.files}) == 4


# Reading


def test_a_small_catalogue(builtin: Path) -> None:
    (card,) = load(builtin, None).cards
    assert (card.id, card.format, card.title) == ("tiny:1b:q4_k_m", "gguf", "Tiny 1B")
    assert (card.repo, card.files[0].name) == ("someone/Tiny-1B-GGUF", "tiny-1b-Q4_K_M.gguf")
    assert (card.bits, card.active, card.verified) == (4.8, 1_000_000_000, False)
    assert (card.geometry.trained_context, card.rank) == (2048, {"coding": 1, "chat": 2})


def test_geometry_from_memory_leaves_a_card_unverified(tmp_path: Path) -> None:
    digest = f'sha256 = "{"0" * 64}", verified = true'
    text = SMALL.replace("verified = false", digest)
    assert load(written(tmp_path / "sure.toml", text), None).cards[0].verified
    text = text.replace("checked = true", "checked = false")
    assert not load(written(tmp_path / "unsure.toml", text), None).cards[0].verified


def test_a_user_file_extends_and_overrides(builtin: Path, tmp_path: Path) -> None:
    user = written(
        tmp_path / "mine.toml",
        """
[[family]]
name = "tiny"
chat = 9
[[family.size]]
name = "1b"
context = 4096
mlx = { 4bit = { bytes = 500_000_000, verified = false } }
gguf = { q4_k_m = { bytes = 700_000_000 }, q8_0 = { bytes = [1, 999_999_999], verified = false } }
"""
        + SMALL.replace('name = "tiny"', 'name = "other"'),
    )
    cards = {card.id: card for card in load(builtin, user).cards}
    assert list(cards) == ["tiny:1b:q4_k_m", "tiny:1b:q8_0", "tiny:1b:4bit", "other:1b:q4_k_m"]
    assert cards["tiny:1b:q4_k_m"].bytes == 700_000_000
    assert [file.name for file in cards["tiny:1b:q8_0"].files] == [
        "q8_0/tiny-00001-of-00002.gguf",
        "q8_0/tiny-00002-of-00002.gguf",
    ]
    assert cards["tiny:1b:4bit"].repo == "someone/Tiny-1B-4bit"
    assert cards["tiny:1b:4bit"].rank == {"coding": 1, "chat": 9}
    assert cards["tiny:1b:4bit"].geometry.trained_context == 4096
    assert cards["other:1b:q4_k_m"].rank["chat"] == 2


def test_a_user_file_that_leaves_out_too_much(builtin: Path, tmp_path: Path) -> None:
    user = written(tmp_path / "mine.toml", '[[family]]\nname = "new"\n[[family.size]]\nname = "1b"\n')
    with pytest.raises(SettingError, match=r"mine\.toml: family new, size 1b: 'geometry' is missing"):
        load(builtin, user)


# Faults


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "1b"', 'name = "1b"\ncontxt = 3', "tiny, size 1b: unknown key 'contxt', did you mean 'context'?"),
        ("q4_k_m =", "q4_k_mm =", "family tiny, size 1b, gguf: unknown key 'q4_k_mm', did you mean 'q4_k_m'?"),
        ("layers = 4", "layers = 0", "family tiny, size 1b, geometry, layers: 0 is not between 1 and 10000."),
        ("layers = 4", "layers = 3", "geometry: there are more layers of attention than the 3 layers."),
        ("layers = 4", "layers = true", "family tiny, size 1b, geometry, layers: it must be a whole number, not True."),
        ("layers = 4\n", "", "family tiny, size 1b, geometry: 'layers' is missing."),
        ("count = 4, ", "", "family tiny, size 1b, geometry, attention: 'count' is missing."),
        ("600_000_000", "-1", "family tiny, size 1b, gguf, q4_k_m, bytes: -1 is not between 1 and 1099511627776."),
        ("bytes = 600_000_000, ", "", "family tiny, size 1b, gguf q4_k_m: 'bytes' is missing."),
        ("600_000_000", "6", "family tiny, size 1b, gguf q4_k_m: 6 bytes cannot hold 1000000000 parameters"),
        ("verified = false", "verified = true", "family tiny, size 1b, gguf q4_k_m: verified = true needs a sha256."),
        ("verified = false", 'verified = "no"', "gguf, q4_k_m, verified: it must be true or false, not"),
        ("verified", 'sha256 = "12", verified', "sha256: a SHA-256 has 64 characters of 0-9a-f, not '12'."),
        ('tools = "none"', 'tools = "great"', "family tiny, tools: 'great' is none of good, fair, weak, none."),
        ("chat = 2", "chat = 101", "family tiny, chat: 101 is not between 0 and 100."),
        ("{label}-GGUF", "{labl}-GGUF", "family tiny, gguf, repo: '{labl}' cannot be filled in; there are size,"),
        ("{label}-GGUF", "{label-GGUF", "is no template"),
        ('title = "Tiny"', "title = 3", "family tiny, title: it must be text, not 3."),
        ("[family.size.geometry]", "[geometry]", "unknown key 'geometry'; the known ones are family."),
        ('name = "tiny"', 'name = "Tiny!"', "family 1: it needs a name of small letters, digits, '.' and '-'."),
        ("parameters", "active = 2_000_000_000\nparameters", "more parameters are active (2000000000) than there are"),
        ("[[family]]", "[family]", "family: it must be written [[family]]."),
    ],
)  # fmt: skip
def test_a_fault_names_its_place(old: str, new: str, words: str, tmp_path: Path) -> None:
    assert SMALL.count(old) >= 1
    assert words in fault(SMALL.replace(old, new, 1), tmp_path / "wrong.toml")


def test_names_that_are_there_twice(tmp_path: Path) -> None:
    assert fault(SMALL + SMALL, tmp_path / "twice.toml") == "family tiny: it is there twice."
    size = SMALL[SMALL.index("[[family.size]]") :]
    assert fault(SMALL + size, tmp_path / "twice.toml") == "family tiny, size 1b: it is there twice."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[family]]\nname = \n", "line 2, column 8"),
        ('[[family]]\nname = "x', "line 2, column 10"),
        ('[[family]]\nname = "a"\nname = "b"\n', "line 3"),
    ],
)
def test_malformed_toml_says_where(text: str, words: str, tmp_path: Path) -> None:
    message = fault(text, tmp_path / "broken.toml")
    assert message.startswith("it is not valid TOML: ") and words in message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be read"):
        load(tmp_path / "none.toml", None)
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe9"')
    with pytest.raises(SettingError, match="byte 10 is not UTF-8"):
        load(tmp_path / "latin.toml", None)


def test_every_key_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8")
    keys = {*catalogue.SHARED, *catalogue.PLACES, "label", "parameters", "active", "attention", "window", "state"}
    keys |= {"checked", "verified", "sha256", "bytes", "feed_forward", "experts", *quants.OF_BITS}
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []


def test_the_example_on_its_page_works(tmp_path: Path) -> None:
    example = PAGE.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    cards = {card.id: card for card in load(SHIPPED, written(tmp_path / "mine.toml", example)).cards}
    assert cards["my-coder:7b:q4_k_m"].files[0].name == "my-coder-7b-Q4_K_M.gguf"
    assert cards["qwen3:8b:q4_k_m"].rank["coding"] == 55
    assert len(cards) == len(CARDS) + 1
