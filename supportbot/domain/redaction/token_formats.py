"""How the makers of keys and tokens write them."""

from typing import NamedTuple


class TokenFormat(NamedTuple):
    """How one maker's keys look.

    `literal` is in every text that has such a key: looking for it first costs next to nothing.
    `pattern` has either one group, the secret within what is recognised, or none. `source` is the
    maker's page.
    """

    maker: str
    literal: str
    pattern: str
    source: str


# Publishable keys (Stripe pk_, Mapbox pk.) are made to be seen and stay; so do account ids.
TOKEN_FORMATS = (
    TokenFormat(
        "AWS access key",
        "IA",
        r"A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
    ),
    TokenFormat(
        "AWS secret key beside its access key",
        "IA",
        r"A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])[\s\S]{0,200}?(?<![\w/+=])"
        r"((?=[a-z0-9/+]{0,39}[A-Z])(?=[A-Z0-9/+]{0,39}[a-z])(?=[A-Za-z/+]{0,39}[0-9])"
        r"[A-Za-z0-9/+]{40})(?![\w/+=])",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    ),
    TokenFormat(
        "GitHub",
        "gh",
        r"gh[pousr]_\w{36,255}",
        "https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github",
    ),
    TokenFormat(
        "GitHub, fine-grained",
        "github_pat_",
        r"github_pat_\w{36,255}",
        "https://docs.github.com/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens",
    ),
    TokenFormat(
        "GitLab",
        "gl",
        r"gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct|wt)-[\w-]{20,300}(?:\.[\w.]{2,40})?",
        "https://docs.gitlab.com/security/tokens/",
    ),
    TokenFormat(
        "Slack token",
        "xox",
        r"xox[a-z](?:\.xox[a-z])?-[\w-]{10,300}",
        "https://docs.slack.dev/authentication/tokens",
    ),
    TokenFormat(
        "Slack app token",
        "xapp-",
        r"xapp-[0-9]-[\w-]{20,300}",
        "https://docs.slack.dev/authentication/tokens",
    ),
    TokenFormat(
        "Slack webhook",
        "hooks.slack.com/",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([\w/-]{20,300})",
        "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks",
    ),
    TokenFormat(
        "Discord bot",
        ".",
        r"[MNO][\w-]{22,27}\.[\w-]{6}\.(?=[\w-]{0,44}[0-9])(?=[\w-]{0,44}[A-Z])[\w-]{27,45}",
        "https://discord.com/developers/docs/reference#authentication",
    ),
    TokenFormat(
        "Discord webhook",
        "/webhooks/",
        r"discord(?:app)?\.com/api/(?:v[0-9]+/)?webhooks/[0-9]{15,22}/([\w-]{30,100})",
        "https://discord.com/developers/docs/resources/webhook",
    ),
    TokenFormat(
        "Microsoft Teams webhook",
        "webhook.office.com/",
        r"webhook\.office\.com/webhookb2/([\w/@-]{40,300})",
        "https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook",
    ),
    TokenFormat(
        "Stripe",
        "k_",
        r"[sr]k_(?:live|test)_[A-Za-z0-9]{10,250}",
        "https://docs.stripe.com/keys",
    ),
    TokenFormat(
        "Stripe webhook",
        "whsec_",
        r"whsec_[A-Za-z0-9+/]{24,100}={0,2}",
        "https://docs.stripe.com/webhooks/signature",
    ),
    TokenFormat(
        "Google API key",
        "AIza",
        r"AIza[\w-]{35}",
        "https://cloud.google.com/docs/authentication/api-keys",
    ),
    TokenFormat(
        "Google OAuth client",
        "GOCSPX-",
        r"GOCSPX-[\w-]{20,40}",
        "https://developers.google.com/identity/protocols/oauth2/web-server",
    ),
    TokenFormat(
        "Google OAuth access",
        "ya29.",
        r"ya29\.[\w-]{20,1000}",
        "https://developers.google.com/identity/protocols/oauth2",
    ),
    TokenFormat(
        "Google OAuth refresh",
        "1//",
        r"1//0[\w-]{40,500}",
        "https://developers.google.com/identity/protocols/oauth2",
    ),
    TokenFormat(
        "Azure storage, Cosmos DB or Batch key",
        "==",
        r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==",
        "https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage",
    ),
    TokenFormat(
        "Azure service key",
        "=",
        r"[A-Za-z0-9+/_-]{33,76}(?:AzSe|AzFu|ACDb|APIM|\+(?:ASt|AMC|ABa|AIo|ASb|AEh|ACR))"
        r"[A-Za-z0-9+/_-]{4,10}={1,2}",
        "https://learn.microsoft.com/purview/sit-defn-azure-storage-account-key",
    ),
    TokenFormat(
        "Azure signature (SAS, Logic Apps)",
        "sig=",
        r"(?<=[?&;]sig=)[\w%/+-]{40,120}={0,2}",
        "https://learn.microsoft.com/azure/storage/common/storage-sas-overview",
    ),
    TokenFormat(
        "Azure Functions key",
        "code=",
        r"azurewebsites\.net/[^\s?]{1,200}\?(?:[^\s&]{1,200}&){0,5}?code=([\w%/+-]{20,120}={0,2})",
        "https://learn.microsoft.com/azure/azure-functions/function-keys-how-to",
    ),
    TokenFormat(
        "Microsoft Entra client secret",
        "Q~",
        r"[\w~.-]{3}[0-9]Q~[\w~.-]{31,34}",
        "https://learn.microsoft.com/purview/sit-defn-azure-ad-client-secret",
    ),
    TokenFormat(
        "Azure DevOps",
        "AZDO",
        r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
        "https://learn.microsoft.com/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate",
    ),
    TokenFormat(
        "OpenAI, Anthropic, OpenRouter and others",
        "sk-",
        r"sk-(?=[\w-]{0,60}[0-9])(?=[\w-]{0,60}[A-Z])[A-Za-z0-9][\w-]{30,300}",
        "https://platform.openai.com/docs/api-reference/authentication",
    ),
    TokenFormat(
        "Anthropic",
        "sk-ant-",
        r"sk-ant-[\w-]{20,300}",
        "https://docs.claude.com/en/api/overview",
    ),
    TokenFormat(
        "Hugging Face",
        "hf_",
        r"hf_[A-Za-z0-9]{30,100}",
        "https://huggingface.co/docs/hub/security-tokens",
    ),
    TokenFormat("Groq", "gsk_", r"gsk_[A-Za-z0-9]{40,100}", "https://console.groq.com/docs"),
    TokenFormat("xAI", "xai-", r"xai-[A-Za-z0-9]{60,120}", "https://docs.x.ai/docs/tutorial"),
    TokenFormat("Replicate", "r8_", r"r8_[A-Za-z0-9]{37}", "https://replicate.com/docs/topics"),
    TokenFormat(
        "npm",
        "npm_",
        r"npm_[A-Za-z0-9]{36}",
        "https://docs.npmjs.com/about-access-tokens",
    ),
    TokenFormat("PyPI", "pypi-", r"pypi-AgE[\w-]{40,500}", "https://pypi.org/help/#apitoken"),
    TokenFormat(
        "RubyGems",
        "rubygems_",
        r"rubygems_[0-9a-f]{48}",
        "https://guides.rubygems.org/api-key-scopes/",
    ),
    TokenFormat(
        "Docker Hub",
        "dckr_",
        r"dckr_[a-z]{3}_[\w-]{20,100}",
        "https://docs.docker.com/security/access-tokens/",
    ),
    TokenFormat("Twilio", "SK", r"SK[0-9a-f]{32}", "https://www.twilio.com/docs/iam/api-keys"),
    TokenFormat(
        "SendGrid",
        "SG.",
        r"SG\.[\w-]{16,32}\.[\w-]{16,64}",
        "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys",
    ),
    TokenFormat(
        "Mailgun",
        "-",
        r"(?:key-[0-9a-f]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})(?![\w-])",
        "https://documentation.mailgun.com/docs/mailgun/api-reference/mg-auth",
    ),
    TokenFormat(
        "Mailchimp",
        "-us",
        r"[0-9a-f]{32}-us[0-9]{1,2}",
        "https://mailchimp.com/developer/marketing/guides/quick-start/",
    ),
    TokenFormat(
        "Shopify",
        "shp",
        r"shp(?:at|ca|pa|ss|tka|ua)_[0-9a-fA-F]{32,64}",
        "https://shopify.dev/docs/apps/build/authentication-authorization",
    ),
    TokenFormat(
        "DigitalOcean",
        "_v1_",
        r"do[opr]_v1_[0-9a-f]{64}",
        "https://docs.digitalocean.com/reference/api/create-personal-access-token/",
    ),
    TokenFormat(
        "Telegram bot",
        ":AA",
        r"[0-9]{8,10}:AA[\w-]{32,33}",
        "https://core.telegram.org/bots/api#authorizing-your-bot",
    ),
    TokenFormat(
        "JSON Web Token",
        "eyJ",
        r"(?<![\w-])eyJ[\w-]{10,8000}\.eyJ[\w-]{5,8000}(?:\.[\w-]{1,8000})?",
        "https://www.rfc-editor.org/rfc/rfc7519",
    ),
    TokenFormat(
        "Databricks",
        "dapi",
        r"dapi[0-9a-f]{32}(?:-[0-9]{1,2})?",
        "https://docs.databricks.com/aws/en/dev-tools/auth/pat",
    ),
    TokenFormat(
        "Dynatrace",
        "dt0",
        r"dt0[a-z][0-9]{2}\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}",
        "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/access-tokens-legacy",
    ),
    TokenFormat(
        "Okta",
        "SSWS",
        r"SSWS\s{1,3}([\w-]{20,60})",
        "https://developer.okta.com/docs/guides/create-an-api-token/main/",
    ),
    TokenFormat(
        "HashiCorp Terraform",
        ".atlasv1.",
        r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}",
        "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens",
    ),
    TokenFormat(
        "HashiCorp Vault",
        "hv",
        r"hv[sbr]\.[\w-]{24,300}",
        "https://developer.hashicorp.com/vault/docs/concepts/tokens",
    ),
    TokenFormat(
        "Grafana",
        "gl",
        r"gl(?:sa_[A-Za-z0-9]{32}_[0-9a-f]{8}|c_[A-Za-z0-9+/]{32,400}={0,2})",
        "https://grafana.com/docs/grafana/latest/administration/service-accounts/",
    ),
    TokenFormat(
        "New Relic",
        "NRAK-",
        r"NRAK-[A-Z0-9]{27}",
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    ),
    TokenFormat(
        "Atlassian",
        "AT",
        r"AT[A-Z]TT3[\w=-]{50,400}",
        "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/",
    ),
    TokenFormat(
        "Airtable",
        "pat",
        r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}",
        "https://airtable.com/developers/web/guides/personal-access-tokens",
    ),
    TokenFormat(
        "Notion",
        "ntn_",
        r"ntn_[A-Za-z0-9]{40,60}",
        "https://developers.notion.com/docs/authorization",
    ),
    TokenFormat(
        "Linear",
        "lin_",
        r"lin_(?:api|oauth)_[A-Za-z0-9]{32,64}",
        "https://linear.app/developers",
    ),
    TokenFormat(
        "Figma",
        "figd_",
        r"figd_[\w-]{30,60}",
        "https://developers.figma.com/docs/rest-api/authentication/",
    ),
    TokenFormat(
        "Postman",
        "PMAK-",
        r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}",
        "https://learning.postman.com/docs/developer/postman-api/authentication/",
    ),
    TokenFormat(
        "Sentry",
        "sntr",
        r"sntr[a-z]{1,2}_[\w+/=-]{40,400}",
        "https://docs.sentry.io/api/auth/",
    ),
    TokenFormat(
        "Supabase",
        "sb",
        r"sb(?:p_[0-9a-f]{40}|_secret_[\w-]{20,60})",
        "https://supabase.com/docs/guides/api/api-keys",
    ),
    TokenFormat(
        "Square",
        "sq0",
        r"sq0[a-z]{3}-[\w-]{22,60}",
        "https://developer.squareup.com/docs/build-basics/access-tokens",
    ),
    TokenFormat(
        "Zapier webhook",
        "hooks.zapier.com/",
        r"hooks\.zapier\.com/hooks/catch/([0-9]+/[A-Za-z0-9]{5,20})",
        "https://help.zapier.com/hc/en-us/articles/8496288690317",
    ),
    TokenFormat(
        "age",
        "AGE-SECRET-KEY-1",
        r"AGE-SECRET-KEY-1[A-Z0-9]{58}",
        "https://github.com/C2SP/C2SP/blob/main/age.md",
    ),
)
