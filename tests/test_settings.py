"""Settings: defaults, then a file, then variables, then flags; and every error names its source."""

import argparse
from pathlib import Path

import pytest
from localswarm.errors import SettingError
from localswarm.settings import (
    OPTIONS,
    Settings,
    add_flags,
    default_file,
    default_state_dir,
    defaults,
    foreign,
    load,
    read,
    same_again,
)

HOME = {"HOME": "/home/x"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def load_file(file: Path, text: str | bytes, flags: dict[str, str] | None = None, **environ: str) -> Settings:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load({"config": str(file), **(flags or {})}, HOME | environ)


def refused(file: Path, text: str | bytes) -> str:
    with pytest.raises(SettingError) as caught:
        load_file(file, text)
    assert str(file) in caught.value.message and "\n" not in caught.value.message
    return caught.value.message


def test_each_source_wins_over_the_one_before(file: Path) -> None:
    file.write_text("port = 1000\ncontext = 1000\ninstances = 2\n")
    environ = HOME | {"LOCALSWARM_CONFIG": str(file), "LOCALSWARM_PORT": "2000", "LOCALSWARM_CONTEXT": "2000"}
    loaded = read({"port": "3000"}, environ)
    settings = loaded.settings
    assert (settings.port, settings.context, settings.instances, settings.threads) == (3000, 2000, 2, 0)
    assert loaded.origins["port"] == "flag --port"
    assert loaded.origins["context"] == "variable LOCALSWARM_CONTEXT"
    assert loaded.origins["instances"] == f"file {file}"
    assert loaded.origins["threads"] == "default"
    assert loaded.file == file and loaded.file_found


def test_every_kind_of_value_in_a_file(file: Path) -> None:
    text = 'auto = true\nuse = "chat"\nkv = "q8_0"\ngpu-layers = -1\nstate_dir = "below"\nmodel = "a b.gguf"\n'
    settings = load_file(file, text)
    assert (settings.auto, settings.use, settings.kv, settings.gpu_layers) == (True, "chat", "q8_0", -1)
    assert settings.state_dir == file.parent / "below", "a relative path starts from the file"
    assert settings.model == "a b.gguf"


def test_a_flag_can_say_no_to_a_file(file: Path) -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser)
    assert load_file(file, "auto = true\n").auto
    flags = vars(parser.parse_args(["--no-auto", "--config", str(file)]))
    assert not load(flags, HOME).auto
    assert read(flags, HOME).origins["auto"] == "flag --no-auto"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("https://chat.example", ("https://chat.example",)),
        (" https://a.example/ , http://10.0.0.7:*,", ("https://a.example", "http://10.0.0.7:*")),
        ("app://obsidian.md,http://[::1]:80", ("app://obsidian.md", "http://[::1]:80")),
        ("*,null", ("*", "null")),
    ],
)
def test_origins_in_a_variable(said: str, read: tuple[str, ...]) -> None:
    assert load({}, HOME | {"LOCALSWARM_ALLOW_ORIGIN": said}).allow_origin == read


@pytest.mark.parametrize("said", ["chat.example", "https://", "https://a.example/path", "https://a b", "https://u@a"])
def test_what_is_no_origin(said: str) -> None:
    with pytest.raises(SettingError, match="is not an origin"):
        load({}, HOME | {"LOCALSWARM_ALLOW_ORIGIN": said})


def test_origins_in_a_file_and_in_flags(file: Path) -> None:
    assert load_file(file, 'allow_origin = ["https://a.example", "b://*"]\n').allow_origin == (
        "https://a.example",
        "b://*",
    )
    parser = argparse.ArgumentParser()
    add_flags(parser)
    flags = vars(parser.parse_args(["--allow-origin", "https://a.example", "--allow-origin", "b://*"]))
    assert load(flags, HOME).allow_origin == ("https://a.example", "b://*")


def test_an_editor_of_windows(file: Path) -> None:
    assert load_file(file, b"\xef\xbb\xbfport = 1\r\n").port == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port 1\n", "line 1, column 6: expected '='"),
        ("auto = true\nport =\n", "line 2, column 7: invalid value"),
        ("port = 1\nport = 2\n", "line 2, column 9: cannot overwrite a value"),
        ('model = "a', "line 1, column 11: unterminated string"),
        (b"port = 1\n# \xff\n", "line 2: this is not UTF-8"),
        (f"a = {'[' * 100000}", "it is nested too deeply"),
        ("auto = true\nprot = 1\n", "line 2: unknown key 'prot'. Did you mean port?"),
        ("state-dri = '/'\n", "unknown key 'state-dri'. Did you mean state_dir?"),
        ("xyzzy = 1\n", "unknown key 'xyzzy'. The keys are listed by: python main.py config"),
        ("\n [ server ]\nport = 1\n", "line 2: unknown key 'server'"),
        ("[server.more]\nport = 1\n", "line 1: unknown key 'server'"),
        ("server.port = 1\n", "line 1: unknown key 'server'"),
        ('# x y\n"x y" = 1\n', "line 2: unknown key 'x y'"),
        ('"\\u0061b" = 1\n', "config.toml: unknown key 'ab'"),
        ('auto = true\nport = "x"\n', "line 2: port must be a whole number, not a text"),
        ("port = 1.0\n", "port must be a whole number, not a fraction"),
        ("port = true\n", "port must be a whole number, not true or false"),
        ("auto = 1\n", "auto must be true or false, not a number"),
        ("auto = 'true'\n", "auto must be true or false, not a text"),
        ("model = 7\n", "model must be a text in quotes, not a number"),
        ("model = []\n", "model must be a text in quotes, not a list"),
        ("model = 2026-01-01\n", "model must be a text in quotes, not a date or a time"),
        ("port = 70000\n", "port: 70000 is not between 0 and 65535"),
        ("context = -1\n", "context: -1 is not between"),
        ("context = 99999999999999999999\n", "context: 99999999999999999999 is not between"),
        ("model = ''\n", "model: it is empty"),
        ('state_dir = "a\\u0000b"\n', "state_dir: it has control characters"),
        ('use = "cooking"\n', "use: 'cooking' is not one of coding, chat"),
        ('hub = "huggingface.co"\n', "hub: it is not an address"),
        ('api_key = "two words"\n', "api_key: a key has only"),
        ("gpu_layers = 1\ngpu-layers = 1\n", "line 2: the key gpu_layers is there twice"),
        ("allow_origin = 'https://a.example'\n", "line 1: allow_origin must be a list of texts, not a text"),
        ("allow_origin = [1]\n", "line 1: allow_origin must be a list of texts, not a list of others"),
        ("allow_origin = ['a.example']\n", "allow_origin: 'a.example' is not an origin like https://chat.example"),
    ],
)
def test_a_wrong_file(file: Path, text: str | bytes, words: str) -> None:
    assert words in refused(file, text)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert read({}, {"XDG_CONFIG_HOME": str(tmp_path)}).file_found is False
    for named in ({"config": str(tmp_path / "none")}, {}):
        with pytest.raises(SettingError, match="There is no file"):
            load(named, HOME | {"LOCALSWARM_CONFIG": str(tmp_path / "none")})
    with pytest.raises(SettingError, match="cannot be read"):
        load({"config": str(tmp_path)}, HOME)
    with pytest.raises(SettingError, match=r"--config .*it is empty"):
        load({"config": ""}, HOME)


def test_a_key_that_others_can_read(file: Path) -> None:
    load_file(file, 'api_key = "secret"\n')
    file.chmod(0o600)
    assert read({"config": str(file)}, HOME).warnings == ()
    file.chmod(0o640)
    (warning,) = read({"config": str(file)}, HOME).warnings
    assert f"chmod 600 {file}" in warning
    file.write_text("port = 1\n")
    assert read({"config": str(file)}, HOME).warnings == ()


def test_a_variable_that_is_not_known() -> None:
    (warning,) = read({}, HOME | {"LOCALSWARM_PROT": "1"}).warnings
    assert "LOCALSWARM_PROT" in warning and "LOCALSWARM_PORT" in warning


@pytest.mark.parametrize(
    ("flags", "environ", "words"),
    [
        ({"port": "x"}, {}, "--port x: 'x' is not a whole number"),
        ({"port": "70000"}, {}, "--port 70000: 70000 is not between 0 and 65535"),
        ({"port": "9" * 5000}, {}, "9... is not a whole number|9...' is not a whole number"),
        ({"context": "-1"}, {}, "--context -1"),
        ({"instances": "0"}, {}, "--instances 0"),
        ({}, {"LOCALSWARM_AUTO": "maybe"}, "LOCALSWARM_AUTO maybe"),
        ({}, {"LOCALSWARM_PORT": "tcp://10.0.0.1:17615"}, "LOCALSWARM_PORT tcp://10.0.0.1:17615: .* whole number"),
        ({"model": " "}, {}, "it is empty"),
        ({"hub": "http://[::1"}, {}, "--hub .*it is not an address"),
        ({"state_dir": "~no-such-user/x"}, {}, "no home folder"),
    ],
)
def test_a_wrong_value_names_where_it_came_from(flags: dict[str, str], environ: dict[str, str], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        load(flags, HOME | environ)


def test_a_wrong_secret_is_not_repeated() -> None:
    with pytest.raises(SettingError) as caught:
        load({}, HOME | {"LOCALSWARM_API_KEY": "hush hush"})
    assert "LOCALSWARM_API_KEY" in caught.value.message and "hush" not in caught.value.message


def test_an_empty_variable_is_not_set() -> None:
    assert load({}, HOME | {"LOCALSWARM_PORT": "", "LOCALSWARM_CONFIG": ""}) == defaults(HOME)


def test_the_folders_of_each_system() -> None:
    assert default_state_dir(HOME, "linux") == Path("/home/x/.local/state/localswarm")
    assert default_state_dir(HOME | {"XDG_STATE_HOME": "/s"}, "linux") == Path("/s/localswarm")
    assert default_state_dir(HOME, "darwin") == Path("/home/x/Library/Application Support/localswarm")
    assert default_state_dir({"LOCALAPPDATA": "/l"}, "win32") == Path("/l/localswarm")
    assert default_file(HOME, "linux") == Path("/home/x/.config/localswarm/config.toml")
    assert default_file(HOME | {"XDG_CONFIG_HOME": "/c"}, "linux") == Path("/c/localswarm/config.toml")
    assert default_file(HOME, "darwin") == Path("/home/x/Library/Application Support/localswarm/config.toml")
    assert default_file({"APPDATA": "/r"}, "win32") == Path("/r/localswarm/config.toml")


def test_foreign_variables() -> None:
    environ = HOME | {"CUDA_VISIBLE_DEVICES": "", "HF_TOKEN": "t", "PATH": "/bin", "LOCALSWARM_PORT": "1"}
    assert foreign(environ) == {"HOME": "/home/x", "CUDA_VISIBLE_DEVICES": "", "HF_TOKEN": "t"}


def test_the_same_again_loads_to_the_same_settings() -> None:
    given = {"model": "/a b.gguf", "port": "5", "context": "512", "use": "chat", "gpu_layers": "7", "kv": "f16"}
    given |= {"allow_origin": "https://a.example,b://*"}
    environ = HOME | {"LOCALSWARM_API_KEY": "secret", "LOCALSWARM_OFFLINE": "yes"}
    settings = load(given, environ)
    parser = argparse.ArgumentParser()
    add_flags(parser)
    words = list(same_again(settings))
    assert "secret" not in words and "--offline" in words and words.count("--allow-origin") == 2
    assert load(vars(parser.parse_args(words)), HOME | {"LOCALSWARM_API_KEY": "secret"}) == settings


def test_every_setting_is_in_the_table_and_in_the_docs() -> None:
    assert {option.name for option in OPTIONS} == set(Settings.__dataclass_fields__)
    page = Path(__file__).resolve().parents[1].joinpath("docs/configuration.md").read_text()
    for option in OPTIONS:
        row = next(line for line in page.splitlines() if f"`{option.variable}`" in line)
        assert not option.has_flag or f"`{option.shown_flag}`" in row
        assert f"`{option.name}`" in row
        for choice in option.choices:
            assert f"`{choice}`" in row
