"""The names of quantisations, and which one of GGUF stands for which one of MLX. Pure."""

from ..card import Format

GGUF = (
    *("iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq2_m", "q2_k", "q2_k_s"),
    *("iq3_xxs", "iq3_xs", "iq3_s", "iq3_m", "q3_k_s", "q3_k_m", "q3_k_l"),
    *("iq4_xs", "iq4_nl", "q4_0", "q4_1", "q4_k_s", "q4_k_m", "mxfp4"),
    *("q5_0", "q5_1", "q5_k_s", "q5_k_m", "q6_k", "q8_0", "bf16", "f16", "f32"),
)
MLX = ("2bit", "3bit", "4bit", "mxfp4-q8", "5bit", "6bit", "8bit", "bf16")
# gpt-oss exists in four bits only as it was trained: its MXFP4 is what "4bit" means there.
OF_BITS = {
    "2bit": ("q2_k",),
    "3bit": ("q3_k_m",),
    "4bit": ("q4_k_m", "mxfp4"),
    "5bit": ("q5_k_m",),
    "6bit": ("q6_k",),
    "8bit": ("q8_0",),
}


def key(name: str) -> str:
    """What two spellings of one name have in common: Q4-K-M and q4_k_m are the same."""
    return name.lower().replace("_", "").replace("-", "")


def known(format: Format) -> tuple[str, ...]:
    return GGUF if format == "gguf" else MLX


def meant(name: str, format: Format) -> tuple[str, ...]:
    """The quantisations of this format that a name stands for, the likeliest first; none if it is unknown."""
    exact = tuple(quant for quant in known(format) if key(quant) == key(name))
    if exact and not (format == "mlx" and key(name) in OF_BITS):
        return exact
    if format == "gguf":
        return OF_BITS.get(key(name), ())
    bits = exact or _bits(name)
    return (*bits, "mxfp4-q8") if bits == ("4bit",) else bits


def _bits(name: str) -> tuple[str, ...]:
    """q5_k_s, iq4_xs and the like: the MLX quantisation with as many bits."""
    if key(name) == "mxfp4":
        return ("mxfp4-q8",)
    if key(name) not in map(key, GGUF):
        return ()
    return tuple(quant for quant in MLX if quant == f"{key(name).lstrip('iq')[:1]}bit")
