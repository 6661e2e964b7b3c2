"""For zsh, through its own `_arguments`."""

from collections.abc import Iterator

from .grammar import MARK, Flag, Grammar, Verb

SCRIPT = """\
#compdef localswarm
_localswarm() {{
    local -a verbs specs
    local verb={plain} word skip chosen
    verbs=(
{verbs}
    )
    for word in ${{words[2,CURRENT-1]}}; do
        if [[ -n $skip ]]; then skip=; continue; fi
        case $word in
            ({valued}) skip=1 ;;
            ({commands}) verb=$word; chosen=1; break ;;
        esac
    done
    case $verb in
{specs}
    esac
    if [[ -n $chosen ]]; then
        # The command itself has been read; for the rest it is as if it were not there.
        words[(i)$verb]=()
        (( CURRENT-- ))
        _arguments -S : $specs
    else
        _arguments -S : $specs '1:command:{{_describe command verbs}}'
    fi
}}

_localswarm_python() {{
    if (( CURRENT > 2 )) && [[ ${{words[2]}} == *main.py && -e ${{words[2]%main.py}}{mark} ]]; then
        shift words
        (( CURRENT-- ))
        _localswarm
    else
        (( $+functions[_python] )) || autoload -Uz _python
        _python "$@"
    fi
}}

compdef _localswarm localswarm
compdef _localswarm_python python python3
"""


def script(grammar: Grammar) -> str:
    return SCRIPT.format(
        plain=grammar.plain.name,
        verbs="\n".join(f"        {_quoted(f'{verb.name}:{verb.help}')}" for verb in grammar.verbs),
        valued="|".join(grammar.valued),
        commands="|".join(verb.name for verb in grammar.verbs),
        specs="\n".join(_case(verb) for verb in grammar.verbs),
        mark=MARK,
    )


def _case(verb: Verb) -> str:
    lines = "\n".join(f"            {_quoted(spec)}" for spec in _specs(verb))
    return f"        ({verb.name}) specs=(\n{lines}\n        ) ;;"


def _specs(verb: Verb) -> Iterator[str]:
    for flag in verb.flags:
        for name in flag.names:
            help = flag.help.replace("[", "(").replace("]", ")").replace(":", "\\:")
            yield f"{name}{'=' if flag.takes_value and name.startswith('--') else ''}[{help}]{_value(flag)}"
    if verb.words:
        yield f"1:word:({' '.join(verb.words)})"


def _value(flag: Flag) -> str:
    if not flag.takes_value:
        return ""
    if flag.choices:
        return f":value:({' '.join(flag.choices)})"
    offer = "_files -/" if flag.takes_folder else "_files" if flag.takes_file else " "
    return f":{flag.placeholder}:{offer}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
