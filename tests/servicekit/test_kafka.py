import ssl
from pathlib import Path

import pytest

from servicekit.environment import SettingsError
from servicekit.kafka import KafkaSettings
from servicekit.tokens import FileTokens, GoogleTokens


def told(**variables: str) -> KafkaSettings:
    return KafkaSettings.from_environment(
        {"INKSTREAM_KAFKA": "kafka:9092"} | {f"INKSTREAM_KAFKA_{name}": text for name, text in variables.items()}
    )


def test_a_kafka_that_asks_for_nothing_is_told_nothing() -> None:
    options = told().connection().options()

    assert {"bootstrap_servers": "kafka:9092", "security_protocol": "PLAINTEXT", "ssl_context": None} == options


def test_a_password_is_sent_over_an_encrypted_connection_whose_authorities_are_the_systems() -> None:
    options = told(TLS="true", SASL="SCRAM-SHA-512", USER="posts", PASSWORD="secret").connection().options()  # noqa: S106 - it is nobody's

    context = options.pop("ssl_context")
    assert (ssl.CERT_REQUIRED, True) == (context.verify_mode, context.check_hostname)
    assert {
        "bootstrap_servers": "kafka:9092",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "posts",
        "sasl_plain_password": "secret",
    } == options


@pytest.mark.parametrize(("source", "kind"), [("google", GoogleTokens), ("/var/run/token", FileTokens)])
def test_tokens_come_from_google_or_a_file(source: str, kind: type) -> None:
    options = told(SASL="OAUTHBEARER", TOKEN=source).connection().options()

    assert ("SASL_PLAINTEXT", "OAUTHBEARER") == (options["security_protocol"], options["sasl_mechanism"])
    assert isinstance(options["sasl_oauth_token_provider"], kind)


def test_a_password_does_not_show() -> None:
    settings = told(SASL="PLAIN", USER="posts", PASSWORD="hunter2")  # noqa: S106 - it is nobody's

    assert "hunter2" not in repr(settings) + repr(settings.connection())


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"SASL": "GSSAPI"}, "INKSTREAM_KAFKA_SASL is wrong"),
        ({"SASL": "PLAIN", "USER": "posts"}, "INKSTREAM_KAFKA_PASSWORD is wrong: it is missing, and INKSTREAM_KAFKA_SASL asks for it"),
        ({"SASL": "SCRAM-SHA-256", "PASSWORD": "x"}, "INKSTREAM_KAFKA_USER is wrong: it is missing"),
        ({"SASL": "OAUTHBEARER"}, "INKSTREAM_KAFKA_TOKEN is wrong: it is missing"),
        ({"USER": "posts"}, "INKSTREAM_KAFKA_USER is wrong: it has no meaning"),
        ({"CA": "/ca.pem"}, "INKSTREAM_KAFKA_CA is wrong: it has no meaning while INKSTREAM_KAFKA_TLS is not true"),
        ({"TLS": "true", "CA": "/nowhere/ca.pem"}, "INKSTREAM_KAFKA_CA is wrong: there is no such file"),
        (
            {"TLS": "true", "CERTIFICATE": __file__},
            "INKSTREAM_KAFKA_KEY is wrong: it belongs to INKSTREAM_KAFKA_CERTIFICATE and is missing",
        ),
        ({"TLS": "perhaps"}, "INKSTREAM_KAFKA_TLS is wrong"),
    ],
    ids=str,
)
def test_what_does_not_fit_together_is_named_at_the_start(variables: dict[str, str], complaint: str) -> None:
    with pytest.raises(SettingsError) as raised:
        told(**variables)

    assert str(raised.value).startswith(complaint)


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")

    with pytest.raises(OSError, match="certificate"):
        told(TLS="true", CA=str(tmp_path / "ca.pem")).connection()
