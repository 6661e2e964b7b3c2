"""The architectures that mlx-lm can load, as `model_type` in config.json calls them."""

from ...errors import ModelUnusable
from ..catalogue.schema import nearest

# Held against the installed mlx-lm by a test.
KNOWN = frozenset(
    """
    Klear afm7 afmoe apertus baichuan_m1 bailing_hybrid bailing_moe bailing_moe_linear bailing_moe_v3 bitnet cohere
    cohere2 dbrx deepseek deepseek_v2 deepseek_v3 deepseek_v32 deepseek_v41 dots1 ernie4_5 ernie4_5_moe exaone exaone4
    exaone_moe falcon_h1 gear gemma gemma2 gemma3 gemma3_text gemma3n gemma4 gemma4_text glm glm4 glm4_moe
    glm4_moe_lite glm_moe_dsa gpt2 gpt_bigcode gpt_neox gpt_oss gptj granite granitemoe granitemoehybrid helium hunyuan
    hunyuan_v1_dense internlm2 internlm3 iquestloopcoder jamba kimi_k25 kimi_k3 kimi_linear kimi_vl laguna lfm2 lfm2-vl
    lfm2_moe lille-130m llama llama4 llama4_text longcat_flash longcat_flash_ngram mamba mamba2 mellum mimo
    mimo_v2_flash minicpm minicpm3 minimax minimax_m3_vl ministral3 mistral3 mistral4 mixtral muse_glimmer muse_spark
    nanbeige nanochat nemotron nemotron-nas nemotron_h olmo olmo2 olmo3 olmo_hybrid olmoe openelm phi phi3 phi3small
    phimoe phixtral pixtral plamo plamo2 plamo3 prism_hadamard_qwen35 qwen qwen2 qwen2_moe qwen2_vl qwen3 qwen3_5
    qwen3_5_moe qwen3_moe qwen3_next qwen3_vl qwen3_vl_moe recurrent_gemma rwkv7 seed_oss smollm3 solar_open spark2_5
    stablelm starcoder2 step3p5 talkie telechat3 youtu_llm
    """.split()
)
# Other names of the same, which mlx-lm knows too.
ALIASES = frozenset(
    """
    mistral llava phi-msft falcon_mamba joyai_llm_flash kimi_k2 qwen2_5_vl minimax_m2 iquestcoder xverse gemma4_unified
    deepseek_v41_text
    """.split()
)
# Several caches in one layer: what the engine cannot share among sequences yet. Held against mlx-lm too.
LISTED = frozenset(
    """
    baichuan_m1 deepseek_v32 falcon_h1 glm_moe_dsa longcat_flash longcat_flash_ngram minimax_m3_vl
    """.split()
)


def check(model_type: str, folder: str) -> None:
    if model_type in LISTED:
        raise ModelUnusable(
            f"{folder} is of the architecture {model_type}, which keeps several things in one layer: the MLX engine "
            "cannot do that yet. Take the model's GGUF file instead."
        )
    if model_type in KNOWN | ALIASES:
        return
    near = nearest(model_type, sorted(KNOWN | ALIASES), most=3) or ["llama", "qwen2", "qwen3"]
    raise ModelUnusable(
        f"{folder} is of the architecture {model_type!a:.60}, which MLX cannot load. Nearest that it can: "
        f"{', '.join(near)}. Take another model, or this one as a GGUF file."
    )
