"""The shape of a model out of config.json, as layout.py reads it off a GGUF header. Pure."""

from collections import Counter

from ..geometry import Geometry, Layers
from .config import CONTEXT, EXPERT_WIDTH, EXPERTS_USED, FEED_FORWARD, HEADS, WIDTH, Config

# What GGUF calls otherwise: what is known of an architecture should hold for both.
AS_IN_GGUF = {
    "mistral": "llama", "mixtral": "llama", "gemma3_text": "gemma3", "gpt_oss": "gpt-oss", "qwen2_moe": "qwen2moe",
    "qwen3_moe": "qwen3moe", "qwen3_next": "qwen3next", "deepseek_v2": "deepseek2", "deepseek_v3": "deepseek2",
}  # fmt: skip
# In layer_types: those that keep nothing for each token.
RECURRENT = ("linear_attention", "conv", "mamba", "recurrent")
WINDOWED = ("sliding_attention", "chunked_attention")
# One layer in so many sees everything, the others a window; where config.json leaves it to the architecture.
FULL_EVERY = {"gemma2": 2, "gemma3": 6, "gemma3_text": 6, "gpt_oss": 2, "cohere2": 4, "exaone4": 4}
STATE_BYTES = 4  # of one number of a recurrent state
# Those that could keep what keys and values are made from, but whose code in mlx-lm keeps all of them.
UNPACKED = ("deepseek_v2", "minicpm3")


def geometry(config: Config) -> Geometry:
    layers = config.layers
    used = config.number(*EXPERTS_USED)
    kinds = _kinds(config, layers)
    return Geometry(
        architecture=AS_IN_GGUF.get(config.architecture, config.architecture),
        layers=layers,
        embedding=config.needed(*WIDTH),
        feed_forward=max(config.number(*FEED_FORWARD), config.number(*EXPERT_WIDTH) * max(1, used)),
        heads=config.number(*HEADS),
        vocabulary=config.needed("vocab_size"),
        trained_context=config.number(*CONTEXT),
        attention=_attention(config, kinds),
        experts=used,
        state=_state(config) * sum(kind in RECURRENT for kind in kinds),
    )


def _kinds(config: Config, layers: int) -> list[str]:
    """What each layer is, in the words of `layer_types`."""
    said = config.value("layer_types")
    if isinstance(said, list) and len(said) == layers:
        return [str(kind) for kind in said]
    if config.architecture in ("mamba", "mamba2", "rwkv7"):
        return ["recurrent"] * layers
    if every := config.number("full_attention_interval"):
        return ["linear_attention" if (layer + 1) % every else "full_attention" for layer in range(layers)]
    every = config.number("sliding_window_pattern") or FULL_EVERY.get(config.architecture, 0)
    if every:
        return ["sliding_attention" if (layer + 1) % every else "full_attention" for layer in range(layers)]
    return ["full_attention"] * layers


def _attention(config: Config, kinds: list[str]) -> tuple[Layers, ...]:
    window = 0 if config.value("use_sliding_window") is False else config.number("sliding_window")
    # The last ones look at what those before them keep.
    own = kinds[: len(kinds) - config.number("num_kv_shared_layers")]
    counted = Counter(
        (*_kept(config, kind), window if kind in WINDOWED else 0) for kind in own if kind not in RECURRENT
    )
    return tuple(Layers(count, *kept) for kept, count in counted.items())


def _kept(config: Config, kind: str) -> tuple[int, int]:
    """Numbers that one layer keeps of one token as keys and as values."""
    heads = config.number(*HEADS) or 1
    if latent := config.number("kv_lora_rank"):
        turned = config.number("qk_rope_head_dim")
        if config.architecture not in UNPACKED:
            return latent + turned, 0
        head = config.number("qk_nope_head_dim") + turned
        return heads * head, heads * (config.number("v_head_dim") or config.needed(*WIDTH) // heads)
    head = config.number("head_dim") or config.needed(*WIDTH) // heads
    kv_heads = config.number("num_key_value_heads", "num_kv_heads") or heads
    if kind not in WINDOWED:
        head = config.number("global_head_dim") or head
        kv_heads = (config.value("attention_k_eq_v") and config.number("num_global_key_value_heads")) or kv_heads
    return kv_heads * head, kv_heads * head


def _state(config: Config) -> int:
    """Bytes that one recurrent layer keeps of one sequence."""
    if values := config.number("linear_num_value_heads"):
        key, value = config.number("linear_key_head_dim"), config.number("linear_value_head_dim")
        channels = 2 * config.number("linear_num_key_heads") * key + values * value
        shift = max(0, config.number("linear_conv_kernel_dim") - 1)
        return STATE_BYTES * (shift * channels + values * key * value)
    if cached := config.number("conv_L_cache"):
        return STATE_BYTES * config.needed(*WIDTH) * max(0, cached - 1)
    depth = config.number("state_size", "mamba_d_state", "ssm_state_size")
    inner = config.number("mamba_intermediate_size", "mamba_d_ssm") or 2 * config.needed(*WIDTH)
    channels = inner + 2 * config.number("n_groups", "mamba_n_groups") * depth
    return STATE_BYTES * (inner * depth + channels * max(0, config.number("conv_kernel", "mamba_d_conv") - 1))
