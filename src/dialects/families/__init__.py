"""Model families, one module for each; `FAMILIES` has the narrow ones before those that take more."""

from ..family import Family
from . import chatml, deepseek, gemma, generic, glm, gpt_oss, llama, mistral, qwen3_coder, smollm2

GENERIC = generic.FAMILY
FAMILIES: tuple[Family, ...] = (
    *gpt_oss.FAMILIES,
    *deepseek.FAMILIES,
    *gemma.FAMILIES,
    *mistral.FAMILIES,
    *glm.FAMILIES,
    *qwen3_coder.FAMILIES,
    smollm2.FAMILY,
    chatml.FAMILY,
    llama.FAMILY,
    GENERIC,
)
