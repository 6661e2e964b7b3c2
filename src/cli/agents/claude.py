"""claude-code: variables alone, and a CLAUDE_CONFIG_DIR of its own."""

from .agent import NODE, TITLE, Agent, Folders, Setup, Target

# It has a model for each kind of work, and all of them are ours.
MODELS = (
    "ANTHROPIC_MODEL",
    "ANTHROPIC_SMALL_FAST_MODEL",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "CLAUDE_CODE_SUBAGENT_MODEL",
)
# Any of these sends it to another server, or with another name.
ELSEWHERE = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_CUSTOM_HEADERS",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_GATEWAY",
    "CLAUDE_CODE_USE_MANTLE",
    "CLAUDE_CODE_USE_VERTEX",
)


def configure(target: Target, folders: Folders) -> Setup:
    variables = {
        "ANTHROPIC_BASE_URL": target.url,
        "ANTHROPIC_AUTH_TOKEN": target.key,
        **dict.fromkeys(MODELS, target.model),
        "ANTHROPIC_CUSTOM_MODEL_OPTION": target.model,
        "ANTHROPIC_CUSTOM_MODEL_OPTION_NAME": f"{target.model} ({TITLE})",
        "CLAUDE_CONFIG_DIR": str(folders.home),
        "CLAUDE_CODE_MAX_CONTEXT_TOKENS": str(target.context),
        "CLAUDE_CODE_MAX_OUTPUT_TOKENS": str(target.output),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        # The line that it puts before the system prompt changes, and would spoil the cache of what follows.
        "CLAUDE_CODE_ATTRIBUTION_HEADER": "0",
    }
    return Setup(variables, without=ELSEWHERE)


AGENT = Agent("claude", "claude", "npm install -g @anthropic-ai/claude-code", NODE, 32_768, configure)
