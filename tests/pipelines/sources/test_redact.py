"""What is hidden in addresses."""

import pytest

from pipelines.sources.redact import redacted, scrubbed, secrets_in


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a/b?day=1", "https://a/b?day=1"),
        ("https://ann:pw@a:1/b", "https://***@a:1/b"),
        ("https://a/?api_key=x&n=1&Token=y", "https://a/?api_key=***&n=1&Token=***"),
        ("https://a/?accessToken=x&X-Amz-Signature=y", "https://a/?accessToken=***&X-Amz-Signature=***"),
        ("https://a/?%61pi_key=x", "https://a/?%61pi_key=***"),
        ("https://a/?password", "https://a/?password"),
        ("https://a/b#access_token=x", "https://a/b"),
        ("http://[::1", "(not an address)"),
    ],
)
def test_secrets_of_an_address_are_hidden_and_the_rest_left(url: str, shown: str) -> None:
    assert redacted(url) == shown


def test_a_secret_is_found_as_sent_and_as_meant() -> None:
    assert secrets_in("https://a/?token=x%20yz") == {"x%20yz", "x yz"}


def test_the_longest_secret_is_replaced_first_and_a_tiny_one_never() -> None:
    assert scrubbed("abcdef abcd ab", {"abcd", "abcdef", "ab"}) == "*** *** ab"
