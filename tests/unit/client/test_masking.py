from __future__ import annotations

import pytest

from marigram.client.masking import MASK, is_secret, mask_address, mask_arguments, mask_text, mask_variable

SECRET = "s3cr3t-Value_0123456789abcdefXYZ"


@pytest.mark.parametrize(
    "name",
    [
        "MARIGRAM_TOKEN",
        "NEPTUNE_API_TOKEN",
        "WANDB_API_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "DB_PASSWORD",
        "PGPASSWORD",
        "mysqlPasswd",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "SSH_PASSPHRASE",
        "MYSQL_PWD",
        "SENTRY_DSN",
        "AZURE_STORAGE_CONNECTION_STRING",
        "HTTP_AUTHORIZATION",
        "GIT_PAT",
        "db.pass",
        "apiKey",
        "SLURM_JWT_TOKEN",
    ],
)
def test_a_telling_name_hides_its_value(name: str) -> None:
    assert is_secret(name)
    assert mask_variable(name, SECRET) == MASK
    assert mask_variable(name, f"{SECRET} and more") == MASK


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKENIZERS_PARALLELISM", "false"),
        ("PWD", "/home/me"),
        ("CUDA_VISIBLE_DEVICES", "0,1"),
        ("MAX_TOKENS", "512"),
        ("key_dim", "64"),
        ("OMP_NUM_THREADS", "8"),
        ("tokenizer", "bert-base-cased"),
        ("keypoint_weight", "0.5"),
        ("SLURM_JOB_NAME", "train resnet"),
        ("MASTER_ADDR", "node-1.cluster"),
        ("compass", "north"),
        ("EMPTY", ""),
    ],
)
def test_what_is_no_secret_stays_as_it_is(name: str, value: str) -> None:
    assert mask_variable(name, value) == value


def test_a_number_under_the_name_of_a_password_is_hidden() -> None:
    assert mask_variable("DB_PASSWORD", "1234") == MASK


@pytest.mark.parametrize(
    "token",
    [
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "a1B2" * 9,
        "glpat-" + "a1B2c3D4" * 3,
        "sk-" + "a1B2" * 9,
        "sk-ant-api03-" + "a1B2" * 9,
        "sk_live_" + "a1B2" * 6,
        "hf_" + "aBcD" * 8,
        "xoxb-123456789012-abcdefABCDEF",
        "AKIA" + "ABCDEFGH" * 2,
        "AIza" + "aBcD1" * 7,
        "ya29." + "a1B2" * 9,
        "pypi-" + "AgEIcHlwaS5vcmc" * 2,
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN",
        "eyJhcGlfYWRkcmVzcyI6Imh0dHA6Ly9sb2NhbGhvc3QifQ==",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_token_is_hidden_wherever_it_stands(token: str) -> None:
    for text in (token, f"call {token} now", f'{{"x": "{token}"}}', f"--flag={token}"):
        masked = mask_text(text)
        assert token not in masked
        assert MASK in masked
        assert len(masked) <= len(text)
    assert mask_variable("HARMLESS", f"before {token} after") == f"before {MASK} after"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("https://user:secret@example.org/repo.git", f"https://{MASK}@example.org/repo.git"),
        ("postgresql://u:p%40ss@db:5432/x?sslmode=on", f"postgresql://{MASK}@db:5432/x?sslmode=on"),
        ("redis://:hunter2hunter2@cache/0", f"redis://{MASK}@cache/0"),
        ("https://x.org/a?token=abcdefgh&page=2", f"https://x.org/a?token={MASK}&page=2"),
        ("https://x.org/a?page=2&X-Amz-Signature=abcd1234#top", f"https://x.org/a?page=2&X-Amz-Signature={MASK}#top"),
        ("Authorization: Bearer abcdefgh12345678", f"Authorization: {MASK} {MASK}"),
        ("Proxy-Authorization=abcdefgh12345678", f"Proxy-Authorization={MASK}"),
        ("curl -H 'Bearer abcdefgh12345678'", f"curl -H 'Bearer {MASK}'"),
        ("password=hunter2 lr=0.1", f"password={MASK} lr=0.1"),
        ('{"api_key": "abc def", "lr": 0.1}', f'{{"api_key": "{MASK}", "lr": 0.1}}'),
        ("max_tokens=512 temperature=1", "max_tokens=512 temperature=1"),
        ("see https://example.org/docs?page=2", "see https://example.org/docs?page=2"),
        ("mail me@example.org", "mail me@example.org"),
        ("git@github.com:team/repo.git", "git@github.com:team/repo.git"),
        ("d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e"),
    ],
)
def test_text_keeps_all_but_the_secret(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    ("arguments", "masked"),
    [
        (["train.py", "--token", SECRET, "--lr", "0.1"], ["train.py", "--token", MASK, "--lr", "0.1"]),
        (["train.py", f"--api-key={SECRET}", "x"], ["train.py", f"--api-key={MASK}", "x"]),
        (["train.py", f"db.password={SECRET}"], ["train.py", f"db.password={MASK}"]),
        (["train.py", "--password", "-starts-with-a-dash!"], ["train.py", "--password", MASK]),
        (["train.py", "--use-auth", "--lr", "0.1"], ["train.py", "--use-auth", "--lr", "0.1"]),
        (["train.py", "--max-tokens", "512"], ["train.py", "--max-tokens", "512"]),
        (["train.py", "--tokenizer", "bert"], ["train.py", "--tokenizer", "bert"]),
        (["python", "-c", f"key = '{SECRET}'"], ["python", "-c", f"key = '{MASK}'"]),
        (["--db", "mysql://me:pw@host/db"], ["--db", f"mysql://{MASK}@host/db"]),
    ],
)
def test_a_command_line_keeps_all_but_its_secrets(arguments: list[str], masked: list[str]) -> None:
    assert mask_arguments(arguments) == masked


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://user:secret@example.org/repo.git", "https://example.org/repo.git"),
        ("https://ghp_abc@github.com/team/repo", "https://github.com/team/repo"),
        ("https://oauth2:p@ss@gitlab.com/team/repo", "https://gitlab.com/team/repo"),
        ("ssh://git@github.com/team/repo", "ssh://git@github.com/team/repo"),
        ("ssh://git:pw@host:22/repo", "ssh://git@host:22/repo"),
        ("git@github.com:team/repo.git", "git@github.com:team/repo.git"),
        ("https://host/repo?private_token=abc123", f"https://host/repo?private_token={MASK}"),
        ("/srv/git/repo", "/srv/git/repo"),
    ],
)
def test_an_address_loses_user_and_password(address: str, shown: str) -> None:
    assert mask_address(address) == shown


def test_long_text_is_masked_in_time_that_grows_with_it() -> None:
    for text in ("a" * 300_000, "a." * 150_000, "a=" * 150_000, "x://" * 75_000, "-" * 300_000):
        assert mask_text(text) == text
