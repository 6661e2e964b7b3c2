"""For fish."""

from collections.abc import Iterator

from .grammar import MARK, Flag, Grammar, Verb

SCRIPT = """\
function __localswarm_verb
    set -l words (commandline -opc)
    set -e words[1]
    if string match -q -- '*main.py' "$words[1]"
        set -e words[1]
    end
    set -l skip
    for word in $words
        if set -q skip[1]
            set -e skip[1]
            continue
        end
        switch $word
            case {valued}
                set skip 1
            case {commands}
                echo $word
                return
        end
    end
end

function __localswarm_is
    set -l verb (__localswarm_verb)
    if test -z "$verb"
        set verb {plain}
    end
    test "$verb" = "$argv[1]"
end

function __localswarm_begins
    test -z (__localswarm_verb)""
end

function __localswarm_here
    set -l words (commandline -opc)
    string match -q -- '*main.py' "$words[2]"; and test -e (string replace -r 'main.py$' '' -- $words[2]){mark}
end

{lines}
"""
# The command to complete, and what must hold besides.
PROGRAMS = (("localswarm", ""), ("python", "__localswarm_here; and "), ("python3", "__localswarm_here; and "))


def script(grammar: Grammar) -> str:
    return SCRIPT.format(
        plain=grammar.plain.name,
        valued=" ".join(grammar.valued),
        commands=" ".join(verb.name for verb in grammar.verbs),
        lines="\n".join(line for program, when in PROGRAMS for line in _lines(grammar, program, when)),
        mark=MARK,
    )


def _lines(grammar: Grammar, program: str, when: str) -> Iterator[str]:
    for verb in grammar.verbs:
        begins = _quoted(f"{when}__localswarm_begins")
        yield f"complete -c {program} -n {begins} -f -a {verb.name} -d {_quoted(verb.help)}"
        yield from _of_verb(verb, program, _quoted(f"{when}__localswarm_is {verb.name}"))


def _of_verb(verb: Verb, program: str, condition: str) -> Iterator[str]:
    for flag in verb.flags:
        names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names)
        yield f"complete -c {program} -n {condition} {names}{_value(flag)} -d {_quoted(flag.help)}"
    if verb.words:
        yield f"complete -c {program} -n {condition} -f -a {_quoted(' '.join(verb.words))}"


def _value(flag: Flag) -> str:
    if not flag.takes_value:
        return ""
    if flag.choices:
        return f" -x -a {_quoted(' '.join(flag.choices))}"
    if flag.takes_folder:
        return " -x -a '(__fish_complete_directories)'"
    return " -r" if flag.takes_file else " -x"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
