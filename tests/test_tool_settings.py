"""What settings say of tools: rules, and servers that are mounted. Several of them keep their commas."""

from pathlib import Path

import pytest
from localswarm.errors import SettingError
from localswarm.settings import Settings, load, same_again
from localswarm.settings.keys import KeyPlace
from localswarm.settings.tools import Mount, ToolRule

HOME = {"HOME": "/home/x"}
DOCKER = "box=docker run -i --mount type=bind,source=/a,target=/b image"
MOUNTS = (
    Mount("box", ("docker", "run", "-i", "--mount", "type=bind,source=/a,target=/b", "image")),
    Mount("docs", url="https://docs.example/mcp"),
)
RULES = (ToolRule("deny", "bash"), ToolRule("allow", "write", "src/{a,b}/**"))


def given(**flags: object) -> Settings:
    return load(flags, HOME)


def test_several_on_the_command_line() -> None:
    found = given(mcp=[DOCKER, "docs=https://docs.example/mcp"], tool_rule=["deny bash", "allow write src/{a,b}/**"])
    assert (found.mcp, found.tool_rule) == (MOUNTS, RULES)
    words = same_again(found)
    again = [words[at + 1] for at, word in enumerate(words) if word == "--mcp"]
    assert given(mcp=again).mcp == MOUNTS


def test_several_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(f'mcp = ["{DOCKER}", "docs=https://docs.example/mcp"]\ntool_rule = ["deny bash"]\n')
    found = given(config=str(file))
    assert (found.mcp, found.tool_rule) == (MOUNTS, RULES[:1])


def test_keys_of_servers_at_an_address(tmp_path: Path) -> None:
    said = ["a=https://a/mcp,key_file=/k,eys/a", "b=http://b/mcp?x=1,key_variable=B_KEY", "c=run a,key_file=b"]
    found = given(mcp=said).mcp
    assert found == (
        Mount("a", url="https://a/mcp", key=KeyPlace(Path("/k,eys/a"))),
        Mount("b", url="http://b/mcp?x=1", key=KeyPlace(variable="B_KEY")),
        Mount("c", ("run", "a,key_file=b")),
    )
    assert given(mcp=[str(one) for one in found]).mcp == found
    file = tmp_path / "c.toml"
    file.write_text('mcp = ["a=https://a/mcp,key_file=a.key"]\n')
    (mount,) = given(config=str(file)).mcp
    assert mount.key == KeyPlace(tmp_path / "a.key")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"mcp": ["a=x", "a=y"]}, "two servers are called a"),
        ({"mcp": ["a b=x"]}, "does not begin with a name"),
        ({"mcp": ["a="]}, "neither a command nor an address"),
        ({"mcp": ["a='x"]}, "cannot be read"),
        ({"mcp": ["a=https://user:secret@a/mcp"]}, "has a password in it. Name the place of its key: URL,key_file="),
        ({"mcp": ["a=https://a/mcp,key=secret"]}, "there is no place of a key for a: URL,key_file=FILE or"),
        ({"mcp": ["a=https://a/mcp,key_variable=A B"]}, "is not the name of a variable"),
        ({"mcp": ["a=https://a/mcp,key_file="]}, "it is empty"),
        ({"mcp": ["a=https:///mcp"]}, "it is not an address"),
        ({"tool_rule": ["deny bash", "perhaps bash"]}, "is not like 'deny bash'"),
    ],
)
def test_what_cannot_be_meant(flags: dict[str, object], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        given(**flags)
