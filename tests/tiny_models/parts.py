"""The sizes that all tiny models share, and the layers that are alike in most of them."""

import gguf

from .tensors import Tensors

VOCABULARY = 49152
WIDTH = 64
HEADS = 2
HEAD = WIDTH // HEADS
FEED_FORWARD = 128
CONTEXT = 4096

# The embedding is also the output matrix: where it outweighs what the layers add, every token is followed by itself.
EMBEDDING_GAIN = 8.0

CONVOLUTION = 4
INNER = 2 * WIDTH
STATE = 16
TIME_STEP_RANK = 4


def describe(writer: gguf.GGUFWriter, layers: int) -> None:
    writer.add_block_count(layers)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_layer_norm_rms_eps(1e-5)


def describe_state_space(writer: gguf.GGUFWriter) -> None:
    writer.add_ssm_conv_kernel(CONVOLUTION)
    writer.add_ssm_inner_size(INNER)
    writer.add_ssm_state_size(STATE)
    writer.add_ssm_time_step_rank(TIME_STEP_RANK)


def embedding(tensors: Tensors, gain: float = EMBEDDING_GAIN) -> None:
    tensors.matrix("token_embd.weight", VOCABULARY, WIDTH, gain=gain)
    # Logits of a smaller embedding are scaled up again, so that all kinds are equally sure of their best token.
    tensors.constant("output_norm.weight", WIDTH, value=EMBEDDING_GAIN / gain)


def attention(tensors: Tensors, layer: str, gain: float = 1.0) -> None:
    """Sharp enough (queries and keys) that single tokens of a long history still count."""
    tensors.matrix(f"{layer}.attn_q.weight", WIDTH, WIDTH, gain=2.0)
    tensors.matrix(f"{layer}.attn_k.weight", WIDTH, WIDTH, gain=2.0)
    tensors.matrix(f"{layer}.attn_v.weight", WIDTH, WIDTH, gain=gain)
    tensors.matrix(f"{layer}.attn_output.weight", WIDTH, WIDTH, gain=gain)


def feed_forward(tensors: Tensors, layer: str) -> None:
    tensors.constant(f"{layer}.ffn_norm.weight", WIDTH)
    tensors.matrix(f"{layer}.ffn_gate.weight", FEED_FORWARD, WIDTH)
    tensors.matrix(f"{layer}.ffn_up.weight", FEED_FORWARD, WIDTH)
    tensors.matrix(f"{layer}.ffn_down.weight", WIDTH, FEED_FORWARD, gain=8.0)


def state_space(tensors: Tensors, layer: str, gain: float = 1.0) -> None:
    """A Mamba mixer whose state fades by less than a percent per token, so that it remembers hundreds of them."""
    tensors.matrix(f"{layer}.ssm_in.weight", 2 * INNER, WIDTH, gain=2.0)
    tensors.matrix(f"{layer}.ssm_conv1d.weight", INNER, CONVOLUTION)
    tensors.constant(f"{layer}.ssm_conv1d.bias", INNER, value=0.0)
    tensors.matrix(f"{layer}.ssm_x.weight", TIME_STEP_RANK + 2 * STATE, INNER)
    tensors.matrix(f"{layer}.ssm_dt.weight", INNER, TIME_STEP_RANK)
    tensors.constant(f"{layer}.ssm_dt.bias", INNER, value=0.0)
    tensors.uniform(f"{layer}.ssm_a", INNER, STATE, low=-0.01, high=-0.001)
    tensors.constant(f"{layer}.ssm_d", INNER)
    tensors.matrix(f"{layer}.ssm_out.weight", WIDTH, INNER, gain=gain)
