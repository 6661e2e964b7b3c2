"""How the candidates of one request differ. Pure.

The first is asked as surely as the model can answer; the others so that they may come to something else, since what
is written twice from the same numbers says nothing new.
"""

from dataclasses import replace

from ..chat import Branch, ChatRequest, Policy, Sampling

# Below it samples of one model are mostly the same one.
LEAST_TEMPERATURE = 0.7


def varied(request: ChatRequest, at: int, begun: Branch | None = None) -> ChatRequest:
    """The request as the candidate `at` is asked it; that of the first keeps its name. `begun`: where the first one's
    answer nearly went on otherwise, which finds more than chance does."""
    return replace(
        request,
        id=f"{request.id}-{at}" if at else request.id,
        policy=Policy(strategy="fast", local_only=request.policy.local_only),
        sampling=replace(_sampling(request.sampling, 0 if begun else at), measured=True),
        begun=begun,
    )


def _sampling(sampling: Sampling, at: int) -> Sampling:
    if at == 0:
        return sampling if sampling.temperature_set else replace(sampling, temperature=0.0)
    seed = None if sampling.seed is None else sampling.seed + at
    return replace(sampling, temperature=max(sampling.temperature, LEAST_TEMPERATURE), seed=seed)
