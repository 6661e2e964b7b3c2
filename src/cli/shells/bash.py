"""For bash 3.2 (a Mac's own) and newer."""

from collections.abc import Iterator

from .grammar import MARK, Flag, Grammar, Verb

# bash cuts `--use=chat` into three words; and a word after a flag that takes a value is no command.
SCRIPT = """\
_localswarm() {{
    local first=$1 current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    local command={plain} chosen= skip= word at IFS=$' \\t\\n'
    if [[ $current == = ]]; then
        current=
    elif [[ $before == = ]]; then
        before=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    for ((at = first; at < COMP_CWORD; at++)); do
        word=${{COMP_WORDS[at]}}
        if [[ $word == = ]]; then skip=1; continue; fi
        if [[ -n $skip ]]; then skip=; continue; fi
        case $word in
            {valued}) [[ ${{COMP_WORDS[at+1]}} == = ]] || skip=1 ;;
            {commands}) command=$word chosen=1; break ;;
        esac
    done
    COMPREPLY=()
    case "$command $before" in
{values}
    esac
    case $command in
{words}
    esac
    [[ -n $chosen ]] || word="$word {all_commands}"
    COMPREPLY=($(compgen -W "$word" -- "$current"))
}}

_localswarm_files() {{
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen "$1" -- "$2"))
}}

_localswarm_alone() {{
    _localswarm 1
}}

_localswarm_python() {{
    COMPREPLY=()
    if [[ $COMP_CWORD -gt 1 && ${{COMP_WORDS[1]}} == *main.py && -e ${{COMP_WORDS[1]%main.py}}{mark} ]]; then
        _localswarm 2
    fi
}}

complete -F _localswarm_alone localswarm
complete -o default -F _localswarm_python python python3
"""


def script(grammar: Grammar) -> str:
    names = [verb.name for verb in grammar.verbs]
    return SCRIPT.format(
        plain=grammar.plain.name,
        valued="|".join(grammar.valued),
        commands="|".join(names),
        values="\n".join(line for verb in grammar.verbs for line in _values(verb)),
        words="\n".join(f'        {verb.name}) word="{_words(verb)}" ;;' for verb in grammar.verbs),
        all_commands=" ".join(names),
        mark=MARK,
    )


def _values(verb: Verb) -> Iterator[str]:
    for flag in verb.flags:
        if flag.takes_value:
            cases = "|".join(f'"{verb.name} {name}"' for name in flag.names)
            yield f"        {cases}) {_offer(flag)}return ;;"


def _offer(flag: Flag) -> str:
    if flag.choices:
        return f'COMPREPLY=($(compgen -W "{" ".join(flag.choices)}" -- "$current")); '
    if flag.takes_folder:
        return '_localswarm_files -d "$current"; '
    return '_localswarm_files -f "$current"; ' if flag.takes_file else ""


def _words(verb: Verb) -> str:
    return " ".join([*verb.words, *(name for flag in verb.flags for name in flag.names)])
