import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from supportbot.domain.redaction.findings import Finding, SecretKind
from supportbot.domain.redaction.redact import find_secrets, redact
from supportbot.domain.redaction.token_formats import TOKEN_FORMATS
from tests.growth import grows_linearly


# Secrets are put together at run time, so that no scanner takes this file for a leak.
def mixed(length: int) -> str:
    return ("aB3dE5gH7jK9mN2pQ4rS6tU8vW" * 10)[:length]


def small(length: int) -> str:
    return mixed(length).lower()


def capital(length: int) -> str:
    return "".join(sign for sign in mixed(260).upper() if sign not in "89")[:length]


def hexadecimal(length: int) -> str:
    return ("3f9a0c7e51bd8246" * 10)[:length]


TOKENS = {
    "AWS access key": "AKIA" + capital(16),
    "GitHub": "ghp_" + mixed(36),
    "GitHub, fine-grained": "github" + "_pat_" + mixed(22) + "_" + mixed(59),
    "GitLab": "glpat-" + mixed(20),
    "Slack token": "xoxb" + "-123456789012-1234567890123-" + mixed(24),
    "Slack app token": "xapp" + "-1-A0123456789-1234567890123-" + hexadecimal(64),
    "Discord bot": "MTA1" + mixed(22) + ".G3aB-x." + mixed(38),
    "Stripe": "sk_" + "live_" + mixed(24),
    "Stripe webhook": "whsec_" + mixed(32),
    "Google API key": "AIza" + mixed(35),
    "Google OAuth client": "GOCSPX-" + mixed(28),
    "Google OAuth access": "ya29." + mixed(60),
    "Google OAuth refresh": "1//0" + mixed(60),
    "Azure storage, Cosmos DB or Batch key": mixed(86) + "==",
    "Azure service key": mixed(42) + "AzSe" + mixed(6) + "=",
    "Microsoft Entra client secret": "aB3" + "8Q~" + mixed(34),
    "Azure DevOps": mixed(76) + "AZDO" + mixed(4),
    "OpenAI, Anthropic, OpenRouter and others": "sk-" + "proj-" + mixed(48),
    "Anthropic": "sk-" + "ant-" + small(40),
    "Hugging Face": "hf_" + mixed(34),
    "Groq": "gsk_" + mixed(52),
    "xAI": "xai-" + mixed(80),
    "Replicate": "r8_" + mixed(37),
    "npm": "npm_" + mixed(36),
    "PyPI": "pypi-" + "AgEIcHlwaS5vcmc" + mixed(60),
    "RubyGems": "rubygems_" + hexadecimal(48),
    "Docker Hub": "dckr_" + "pat_" + mixed(27),
    "Twilio": "SK" + hexadecimal(32),
    "SendGrid": "SG." + mixed(22) + "." + mixed(43),
    "Mailgun": "key-" + hexadecimal(32),
    "Mailchimp": hexadecimal(32) + "-us12",
    "Shopify": "shpat_" + hexadecimal(32),
    "DigitalOcean": "dop_v1_" + hexadecimal(64),
    "Telegram bot": "1234567890" + ":AA" + mixed(33),
    "JSON Web Token": "eyJ" + mixed(20) + ".eyJ" + mixed(40) + "." + mixed(43),
    "Databricks": "dapi" + hexadecimal(32) + "-2",
    "Dynatrace": "dt0c01." + capital(24) + "." + capital(64),
    "HashiCorp Terraform": mixed(14) + ".atlasv1." + mixed(67),
    "HashiCorp Vault": "hvs." + mixed(90),
    "Grafana": "glsa_" + mixed(32) + "_" + hexadecimal(8),
    "New Relic": "NRAK-" + capital(27),
    "Atlassian": "ATATT3" + mixed(180),
    "Airtable": "pat" + mixed(14) + "." + hexadecimal(64),
    "Notion": "ntn_" + mixed(46),
    "Linear": "lin_api_" + mixed(40),
    "Figma": "figd_" + mixed(40),
    "Postman": "PMAK-" + hexadecimal(24) + "-" + hexadecimal(34),
    "Sentry": "sntrys_" + mixed(80),
    "Supabase": "sbp_" + hexadecimal(40),
    "Square": "sq0atp-" + mixed(22),
    "age": "AGE-SECRET-KEY-1" + capital(58),
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_token_of_a_known_maker_is_removed(token: str) -> None:
    assert redact(f"I tried {token}, in vain.") == "I tried [API key removed], in vain."


# Where what surrounds the secret says what it is: only the secret goes.
IN_PLACE = {
    "AWS secret key beside its access key": (
        f"AKIA{capital(16)} with ",
        mixed(20) + "/" + mixed(19),
        " in eu-west-1",
    ),
    "Slack webhook": (
        "<https://hooks.slack.com/services/",
        "T0AB1CD2E/B0AB1CD2E/" + mixed(24),
        ">",
    ),
    "Discord webhook": ("https://discord.com/api/webhooks/123456789012345678/", mixed(68), ""),
    "Microsoft Teams webhook": (
        "https://x.webhook.office.com/webhookb2/",
        hexadecimal(36) + "/IncomingWebhook/" + hexadecimal(32),
        "",
    ),
    "Azure signature (SAS, Logic Apps)": (
        "https://x.blob.core.windows.net/c/f.csv?sv=2022-11-02&sp=r&sig=",
        mixed(42) + "%3D",
        "&se=2030",
    ),
    "Azure Functions key": (
        "https://x.azurewebsites.net/api/post?x=1&code=",
        mixed(54) + "==",
        "",
    ),
    "Okta": ("Authorization: SSWS ", "00" + mixed(40), ""),
    "Zapier webhook": ("https://hooks.zapier.com/hooks/catch/", "1234567/" + small(7), "/"),
}


@pytest.mark.parametrize(("before", "secret", "after"), IN_PLACE.values(), ids=IN_PLACE)
def test_of_an_address_that_is_a_secret_only_the_secret_part_is_removed(
    before: str, secret: str, after: str
) -> None:
    redacted = redact(before + secret + after)

    assert redacted.endswith(before[-6:] + "[API key removed]" + after)
    assert secret not in redacted


def test_every_maker_has_an_example_here_and_a_source() -> None:
    assert {token.maker for token in TOKEN_FORMATS} == TOKENS.keys() | IN_PLACE.keys()
    assert all(token.source.startswith("https://") for token in TOKEN_FORMATS)


HEAD, FOOT = "-----BEGIN {}PRIVATE KEY-----", "-----END {}PRIVATE KEY-----"
LINES = "\n".join([mixed(64)] * 3 + [mixed(31) + "="])


@pytest.mark.parametrize("maker", ["", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH "])
def test_a_private_key_is_removed_as_a_whole(maker: str) -> None:
    key = f"{HEAD.format(maker)}\n{LINES}\n{FOOT.format(maker)}"

    assert (
        redact(f"This:\n```\n{key}\n```\nfails") == "This:\n```\n[private key removed]\n```\nfails"
    )


def test_a_private_key_that_was_cut_is_removed_as_far_as_it_goes() -> None:
    text = f"{HEAD.format('')}\n{LINES}\nIs that right?"

    assert redact(text) == "[private key removed]\nIs that right?"


@pytest.mark.parametrize(
    "key",
    [
        f"{HEAD.format('')}\\n{mixed(64)}\\n{mixed(64)}\\n{mixed(20)}=\\n{FOOT.format('')}\\n",
        f"{HEAD.format('RSA ')}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB12\n\n{LINES}",
        f"-----BEGIN PGP PRIVATE {'KEY'} BLOCK-----\nVersion: GnuPG v2\n\n{LINES}\n=aB3d\n",
        f"> {HEAD.format('')}\n> {mixed(64)}\n> {mixed(64)}\n> {FOOT.format('')}",
        f"Private-Lines: 2\n{mixed(64)}\n{mixed(64)}",
    ],
    ids=["json", "encrypted", "pgp", "quoted", "putty"],
)
def test_a_private_key_is_known_in_every_wrapping(key: str) -> None:
    redacted = redact(key)

    assert "[private key removed]" in redacted
    assert mixed(20) not in redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("postgres://bot:s3cret-x@db:5432/a", "postgres://bot:[password removed]@db:5432/a"),
        ("mongodb+srv://a:zebra@x.mongodb.net", "mongodb+srv://a:[password removed]@x.mongodb.net"),
        ("amqp://guest:zebra@mq//", "amqp://guest:[password removed]@mq//"),
        ("redis://:zebra@cache:6379/0", "redis://:[password removed]@cache:6379/0"),
        ("https://anna:p@ss@host.de/x", "https://anna:[password removed]@host.de/x"),
        ("<https://anna:zebra@host.de|host>", "<https://anna:[password removed]@host.de|host>"),
        (
            "curl -X POST -u anna:zebra https://x",
            "curl -X POST -u anna:[password removed] https://x",
        ),
    ],
)
def test_of_a_url_only_the_password_is_removed(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    ("before", "password", "after"),
    [
        ("Server=sql1;Database=AX;User Id=sa;Password=", "zebra", ";Encrypt=yes"),
        ("Driver={ODBC Driver 18};Server=sql1;Uid=sa;Pwd=", "zebra", ""),
        ("password: ", "hunter2", ""),
        ("My password is ", "Summer2026!", "."),
        ("Das Passwort lautet ", "Sommer2026", ", danke"),
        ('"password": "', "a,b;c9", '"'),
        ('{\\"password\\": \\"', "zebra77", '\\"}'),
        ("DB_PASSWORD='", "c0rrect", "'"),
        ("SMTP_PASS=", "c0rrect", ""),
        ("SMTP_PASS: ", "c0rrect", ""),
        ("Password=", "zebra", ";Database=AX"),
        ("`pass: ", "c0rrect", "`"),
        ("*Password:* ", "c0rrect", ""),
        ("**Password**: ", "c0rrect", ""),
        ("kinit --password ", "c0rrect", " anna"),
        ("<Password>", "c0rrect", "</Password>"),
        ("&lt;Password&gt;", "c0rrect", "&lt;/Password&gt;"),
        ('<add key="ClearTextPassword" value="', "c0rrect", '" />'),
        ("https://zoom.us/j/1?pwd=", "aB3dE5gH", "&amp;uname=x"),
        ('EMAIL_PASSWORD = "', "abcd efgh ijkl mnop", '"'),
        ("passcode: ", "482915", ""),
        ("password=", f"{hexadecimal(40)}xxxxx", ""),
    ],
)
def test_a_password_that_is_named_is_removed(before: str, password: str, after: str) -> None:
    assert redact(before + password + after) == f"{before}[password removed]{after}"


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("Authorization: Bearer ", mixed(24), ""),
        ('-H "Authorization: Basic ', "YW5uYTp6ZWJyYQ==", '"'),
        ("Authorization: token ", hexadecimal(40), ""),
        ('api_key = "', mixed(20), '"'),
        ("Ocp-Apim-Subscription-Key: ", hexadecimal(32), ""),
        ("client_secret=", mixed(20), "&grant_type=password"),
        ("DefaultEndpointsProtocol=https;AccountKey=", mixed(43) + "=", ";EndpointSuffix=x"),
        ("SharedAccessKeyName=Root;SharedAccessKey=", mixed(43) + "=", ";EntityPath=x"),
        ("totp_secret=", "JBSWY3DP" + "EHPK3PXP", ""),
        ("aws_secret_access_key = ", mixed(40), ""),
        ("token: ", hexadecimal(8) + "-0c7e-51bd-8246-" + hexadecimal(12), ""),
        ("?api_key=", mixed(20), "&amp;amp;stream=x"),
    ],
)
def test_a_key_that_is_named_is_removed(before: str, key: str, after: str) -> None:
    assert redact(before + key + after) == f"{before}[API key removed]{after}"


@pytest.mark.parametrize(
    "text",
    [
        "password=<your password>",
        "password=&lt;your password&gt;",
        "password: string",
        "password: string, username: string",
        "password=********",
        "password: xxxxxxxx1",
        "password=${DB_PASSWORD1}",
        "password=$PASSWORD1",
        "password: {{ password1 }}",
        "Password=%PASSWORD1%",
        "password=[password1]",
        "password=your_password1",
        "password = get_password1()",
        "password = settings.mail1.password",
        "PASSWORD = OTHER_PASSWORD_2",
        "password=row['password1']",
        "email_password = abcd1234",
        "password_hash: sha256",
        "The password is base64-encoded",
        "My password is wrong",
        "The password is at least 12 characters",
        "the password: /run/secrets/db1",
        "password :thinking:",
        "The password is 127.0.0.1",
        "password: 11111111",
        "password: https://vault1/x",
        "The password is what=ever",
        'password: "&lt;password1&gt;"',
        "Server=sql1;Password={your_password};Encrypt=yes",
        "let a=1; password: zebra; mode=2",
        "token: a1b2c3",
        "password: changeme123",
        "--- PASS: TestLogin2 (0.01s)",
        "bypass: Vulnerable1",
        "postgres://user:password@localhost/db",
        "postgres://user:<password>@localhost/db",
        "postgres://user:$PASSWORD@localhost/db",
        "https://host:8080/@anna",
        "PublicKeyToken=b77a5c561934e089",
        "token: google_oauth2_client_secret_9",
        "token = GoogleMobileOauth2BackendV2",
        "api_key = options.get('api_key1')",
        "secret: 2026-11-22T10:00:00",
        "next_token = self.read_token_2()",
        "Unexpected token: identifier_23",
        "Authorization: Bearer <access_token>",
        "Authorization: Basic authentication",
        "The bearer certificate-authority1 is unknown",
        "primary key: 4711-0815-4711-0815a",
        "it begins with -----BEGIN PRIVATE KEY----- and then?",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        f"-----BEGIN PUBLIC KEY-----\n{LINES}\n-----END PUBLIC KEY-----",
        "disk-" + mixed(48),
        "Authorization: Basic YW5uYXplYnJh",
        "token = a1b2.c3d4e5.f6g7h8",
        "token={a1b2c3d4e5f6g7h8}",
        "pk_live_" + mixed(24),
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA" + mixed(40),
    ],
)
def test_what_only_talks_of_a_secret_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Ask anna.schmidt+ax@firma.de.", "Ask [email address removed]."),
        ("<mailto:anna@firma.de|anna@firma.de>", "[email address removed]"),
        ("<mailto:anna@firma.de>", "[email address removed]"),
        ("Anna <anna@firma.co.uk>,", "Anna <[email address removed]>,"),
        ("anna@firma.com(work)", "[email address removed](work)"),
        ("https://firma.de or anna@firma.de", "https://firma.de or [email address removed]"),
        ("From:anna@163.com", "From:[email address removed]"),
        ("jörg@müller.de", "[email address removed]"),
        ("anna (at) firma (dot) de", "[email address removed]"),
        ("anna[at]firma.de", "[email address removed]"),
        ("a@b.de;c@d.de", "[email address removed];[email address removed]"),
        ("x@t.co", "[email address removed]"),
    ],
)
def test_a_mail_address_is_removed(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "git clone git@github.com:org/repo.git",
        "git clone git@ssh.dev.azure.com",
        "scp a.txt anna@host.firma.de:/var/tmp",
        "ssh://anna@host.firma.de/x",
        "@user@host.social",
        "npm i @scope/pkg@1.2.3-beta.rc lodash@4.17.21",
        "@app.route('/')\n@pytest.mark.slow\ndef x(): ...",
        "logo@2x.png",
        "y = W@x.mean",
        "y = Wide@xy.reshape(2)",
        "user.name@example.com",
        "admin@contoso.com",
        "noreply@my.test",
        "<@U12345678> said",
        "systemctl start user@1000.service",
    ],
)
def test_what_only_looks_like_a_mail_address_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("+49 170 1234567", "[phone number removed]"),
        ("ring +1 (415) 555-2671 now", "ring [phone number removed] now"),
        ("+44 20 7946 0018", "[phone number removed]"),
        ("0049 170 1234567", "[phone number removed]"),
        ("(415) 555-2671", "[phone number removed]"),
        ("Call me at 415.555.2671.", "Call me at [phone number removed]."),
        ("Tel. 0711 1234567", "Tel. [phone number removed]"),
        ("Handynummer: 0170/1234567", "Handynummer: 0170/1234567"),
        ("Handy: 0170/1234567", "Handy: [phone number removed]"),
        ("My phone number is 0170 1234567", "My phone number is [phone number removed]"),
        ("WhatsApp: https://wa.me/491701234567", "WhatsApp: https://wa.me/[phone number removed]"),
        ("\u202a+49 170 1234567\u202c", "\u202a[phone number removed]\u202c"),
    ],
)
def test_a_phone_number_is_removed(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("DE89 3704 0044 0532 0130 00 please", "[IBAN removed] please"),
        ("DE89370400440532013000.", "[IBAN removed]."),
        ("AT61 1904 3002 3457 3201", "[IBAN removed]"),
        ("GB82 WEST 1234 5698 7654 32", "[IBAN removed]"),
        ("NO93 8601 1117 947 AND more", "[IBAN removed] AND more"),
        ("DE89370400440532013000 DE89370400440532013000", "[IBAN removed] [IBAN removed]"),
        ("pay 4111 1111 1111 1111 with", "pay [card number removed] with"),
        ("5500-0000-0000-0004", "[card number removed]"),
        ("2223003122003222", "[card number removed]"),
        ("3782 822463 10005", "[card number removed]"),
        ("3056 930902 5904", "[card number removed]"),
        ("card=6011111111111117", "card=[card number removed]"),
    ],
)
def test_account_and_card_numbers_are_removed(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "1612345678.000200",
        "p1612345678000200",
        "1612345678000",
        "2026-11-22 10:23:40.123456",
        "20261122102340",
        "order 4711 0815 4711 0815",
        "Order 4111111111111112",
        "snowflake 1473432697559842929",
        "snowflake 411111111111111111",
        "invoice INV-2026-000123, voucher GJ-00412345, SO-0001234567",
        "customer US-001, item 1000-0001-2345",
        "10.0.42.123 and 192.168.178.254:8080",
        "version 10.0.1935.5, 7.0.7690.21, 18.04+1",
        "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "Activity ID: 6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "DE88 3704 0044 0532 0130 00",
        "DE89 3704 0044 0532 0130",
        "XX89 3704 0044 0532 0130 00",
        "DE893704004405320130001",
        "https://shop.example/items/4111111111111111",
        "0.4111111111111111",
        "4111 1111 1111 1111 1111",
        "100-200-3000",
        "phone error 80040217",
        "Call me on 2026-11-22 10",
        "call me 2026-11-22-1023",
        "UTC+02:00 12:30, C++ 11 1234567",
        "M12 30a226 226 0 1 +1 0 452 226 226",
        "RecId 5637144576, 22565421203",
        "size +67737523 bytes",
        "x=5+14155552671",
        "https://x.example/threads/4155552671",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert redact(text) == text


def test_a_block_of_code_stays_except_for_the_secret() -> None:
    before = "```python\nclient = Client(\n    key='"
    after = "',\n    retries=3,\n)\n```"

    assert redact(before + TOKENS["GitHub"] + after) == before + "[API key removed]" + after


def test_findings_come_in_the_order_of_the_text_with_their_places() -> None:
    text = "password: hunter2, or mail anna@firma.de"

    assert find_secrets(text) == (
        Finding(SecretKind.PASSWORD, 10, 17),
        Finding(SecretKind.EMAIL, 27, 40),
    )


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("password=x9;anna@firma.de", "password=x9;[email address removed]"),
        ("password=x9!anna@firma.de", "password=[password removed]"),
        ("password=!+49170123 4567", "password=[password removed]"),
        ("password=+49170123 4567", "password=[phone number removed]"),
    ],
)
def test_what_overlaps_is_removed_together(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text", ["password=hunter2![IBAN removed]", "password=[password removed]x9,hunter2"]
)
def test_a_marker_stays_whole(text: str) -> None:
    assert redact(text) == text


def test_an_invisible_character_hides_nothing() -> None:
    token = TOKENS["GitHub"]

    redacted = redact(f"a\u200bb {token[:10]}\u200b{token[10:]} c\u200bd")

    assert redacted == "a\u200bb [API key removed] c\u200bd"


def test_a_name_before_a_marker_is_no_reason_to_remove_what_follows() -> None:
    text = "password: [password removed] phone [phone number removed] 4711"

    assert redact(text) == text


LETTERS = st.text(st.characters(categories=["L", "M", "Zs", "Po", "So", "Cf"]), max_size=80)
SCRAPS = st.sampled_from(
    [
        "password=",
        "password: hunter2",
        "token: ",
        "Bearer ",
        "call me at ",
        "+49 170 1234567",
        "415-555-2671",
        "0711 1234567",
        "anna@firma.de",
        "@",
        "://u:",
        "curl -u a:",
        ";User=x;",
        "[email address removed]",
        "DE89 3704 0044 0532 0130 00",
        "4111 1111 1111 1111",
        "-----BEGIN PRIVATE KEY-----\n",
        "\u200b",
        "=",
        " ",
        "\n",
        "'",
        "7",
        TOKENS["GitHub"],
        TOKENS["AWS access key"],
        mixed(40),
        hexadecimal(32),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(SCRAPS, st.text(max_size=5)), max_size=12))
def test_redacting_twice_changes_nothing(scraps: list[str]) -> None:
    once = redact("".join(scraps))

    assert redact(once) == once


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_can_be_redacted(text: str) -> None:
    for finding in find_secrets(text):
        assert 0 <= finding.start < finding.end <= len(text)


@settings(max_examples=100, deadline=None)
@given(LETTERS)
def test_text_without_digits_names_and_signs_stays_as_it_is(text: str) -> None:
    assume("@" not in text)

    assert redact(text) == text


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"4[0-9]{14}", fullmatch=True), st.integers(1, 9))
def test_a_card_number_with_a_wrong_check_digit_stays(number: str, off: int) -> None:
    right = next(digit for digit in range(10) if redact(f"{number}{digit}").startswith("["))

    assert redact(f"{number}{(right + off) % 10}") == f"{number}{(right + off) % 10}"


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"[0-9]{18}", fullmatch=True), st.integers(1, 96))
def test_an_iban_with_a_wrong_check_stays(account: str, off: int) -> None:
    right = 98 - int(f"{account}131400") % 97
    wrong = (right - 2 + off) % 97 + 2

    assert redact(f"DE{right:02}{account}") == "[IBAN removed]"
    assert redact(f"DE{wrong:02}{account}") == f"DE{wrong:02}{account}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "scrap",
    [
        *(
            "a",
            "1",
            "-",
            "=",
            "@",
            " ",
            "(",
            "\\",
            "\u200b",
            "a.",
            "1-",
            "+1",
            "aA1",
            "a@b.",
            "://",
        ),
        *("AKIA", "eyJ", "-eyJ", "sk-", "MT.", "curl -u ", "password=", "password is ", "token:"),
        *("DE89 ", "4111 ", "tel 1 ", "call me ", "0049 ", "Bearer ", "a [at] b (dot) ", ";a="),
        *("password: hunter2 ", "anna@firma.de ", "[password removed] password=hunter2 "),
        "-----BEGIN PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n" + "A" * 41 + "\n",
    ],
)
def test_hostile_text_takes_no_longer_than_its_length_deserves(scrap: str) -> None:
    assert grows_linearly(redact, (scrap * 100_000)[:100_000])
