"""Keeps secrets out of what a run stores: environment variables, command lines, addresses.

Pure functions. They would rather mask too much than too little, except that a short number is never taken for a token
or key: `--max-tokens 512` says something about a training, and no credential is that short. What a program prints, or
logs itself, is stored as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"

_HARMLESS = re.compile(
    r"TOKENIZ\w*|KEYPOINTS?|KEYBOARDS?|KEYFRAMES?|KEYWORDS?|MONKEYS?|AUTHORS?(?!I)|PASSES", re.IGNORECASE
)
"""Words that contain a telling one and tell nothing."""

_NUMBERS_ARE_HARMLESS = re.compile(r"TOKEN|KEY|AUTH", re.IGNORECASE)
_TELLING = re.compile(
    r"TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|AUTH|PWD|COOKIE|SIGNATURE|PRIVATE|DSN"
    r"|CONNECTION_?STRING|(?:^|[_.-])(?:PASS|PAT|SAS|SIG|CERT)(?:$|[_.-])",
    re.IGNORECASE,
)
_WORKING_FOLDERS = frozenset({"PWD", "OLDPWD", "INIT_CWD"})
_PLAIN = re.compile(r"[+-]?\d{1,9}(?:\.\d{1,9})?|true|false|yes|no|on|off|none|", re.IGNORECASE)

_USER_INFO = re.compile(r"(?P<scheme>(?<![\w+.-])[a-zA-Z][a-zA-Z0-9+.-]*://)(?P<user>[^\s/?#\"'<>]*)@")
_TOKENS = re.compile(
    r"\bgh[pousr]_[A-Za-z0-9]{20,}"  # GitHub
    r"|\bgithub_pat_\w{20,}"
    r"|\bgl[a-z]{2,5}-[\w-]{16,}"  # GitLab
    r"|\b(?:sk|pk|rk)[-_][A-Za-z0-9][\w-]{15,}"  # OpenAI, Anthropic, Stripe
    r"|\bhf_[A-Za-z0-9]{16,}"  # Hugging Face
    r"|\bxox[abeoprs]-[\w-]{10,}"  # Slack
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"  # AWS
    r"|\bAIza[\w-]{30,}"  # Google
    r"|\bya29\.[\w-]{20,}"
    r"|\b(?:npm|dop_v1|pypi|mgt|marigram)[_-][\w-]{20,}"
    r"|\beyJ[\w-]{16,}(?:\.[\w-]+){0,2}={0,2}"  # JSON in base64: JWT, and the tokens of Neptune's client
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
)
_AUTHORIZATION = re.compile(r"\b(?P<kind>Bearer|Basic|Digest|Token)\s+(?P<value>[\w.~+/=-]{8,})", re.IGNORECASE)
_NAMED = re.compile(r"(?<![\w.])(?<!\w-)(?P<name>[A-Za-z_][\w.-]*)[\"']?\s{0,8}[:=]\s{0,8}")
_NAMED_VALUE = re.compile(r"(?P<quote>[\"'])(?P<quoted>(?:(?!(?P=quote)).)*)(?P=quote)|[^\s\"',;&#{}()\[\]]+")
_OPTION = re.compile(r"--?(?P<name>[A-Za-z][\w.-]*)")
_NO_VALUE = re.compile(r"--?[A-Za-z]")


def is_secret(name: str, value: str = "") -> bool:
    """Return whether what stands under this name must not be shown.

    Args:
        name: of a variable, an option or a parameter, in any case.
        value: a short number or a yes or no under a name such as MAX_TOKENS is no secret; leave it out if unknown.
    """
    if name.upper() in _WORKING_FOLDERS:
        return False
    telling = _TELLING.findall(_HARMLESS.sub("", name))
    if not telling:
        return False
    only_countable = all(_NUMBERS_ARE_HARMLESS.search(word) for word in telling)
    return not (only_countable and value and _PLAIN.fullmatch(value))


def mask_variable(name: str, value: str) -> str:
    """Return an environment variable's value as it may be shown."""
    return MASK if is_secret(name, value) else mask_text(value)


def mask_text(text: str) -> str:
    """Return text without passwords in addresses, what looks like a token, and values of telling names."""
    text = _USER_INFO.sub(rf"\g<scheme>{MASK}@", text)
    text = _AUTHORIZATION.sub(rf"\g<kind> {MASK}", text)
    text = _TOKENS.sub(MASK, text)
    return _mask_assignments(text)


def mask_arguments(arguments: Iterable[str]) -> list[str]:
    """Return a command line's arguments as they may be shown: `--token abc` and `--token=abc` without `abc`."""
    masked: list[str] = []
    expected: str | None = None
    for argument in arguments:
        if expected is not None and not (_NO_VALUE.match(argument) and _OPTION.fullmatch(argument)):
            masked.append(mask_variable(expected, argument))
            expected = None
            continue
        option = _OPTION.fullmatch(argument)
        expected = option["name"] if option and is_secret(option["name"]) else None
        masked.append(mask_text(argument))
    return masked


def mask_address(address: str) -> str:
    """Return the address of a repository or server without user and password; secrets in its query are masked.

    The user of an SSH address stays, for it is part of the place and no secret: `git@github.com:team/repo`.
    """

    def shorten(match: re.Match[str]) -> str:
        scheme, user = match["scheme"], match["user"]
        name = user.partition(":")[0]
        return f"{scheme}{name}@" if scheme.lower() in {"ssh://", "git+ssh://"} and name else scheme

    return _mask_assignments(_TOKENS.sub(MASK, _USER_INFO.sub(shorten, address)))


def _mask_assignments(text: str) -> str:
    pieces: list[str] = []
    done = 0
    while (named := _NAMED.search(text, done)) is not None:
        # The value of a harmless name is looked at too: an address there holds names of its own in its query.
        pieces.append(text[done : named.end()])
        done = named.end()
        if is_secret(named["name"]) and (value := _NAMED_VALUE.match(text, done)):
            bare = value["quoted"] if value["quote"] else value[0]
            quote = value["quote"] or ""
            pieces.append(f"{quote}{MASK}{quote}" if is_secret(named["name"], bare) else value[0])
            done = value.end()
    pieces.append(text[done:])
    return "".join(pieces)
