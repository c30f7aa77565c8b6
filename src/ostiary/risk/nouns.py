"""The nouns of tools: objects that decide what a verb does to them, and the words that tell a server's trade."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

__all__ = [
    "ANALYTIC",
    "ATTACHED",
    "ATTACKS",
    "ENDS_OF_PAGES",
    "LIVE",
    "MEDIA",
    "MONEY",
    "PROGRAMS",
    "READ_ONLY_LANGUAGES",
    "REPORTS",
    "RUNS",
    "TEXTS",
    "THINGS_READ",
    "TRADES",
    "UNDO_LOSES",
    "Trade",
    "singular",
    "things",
]


class Trade(StrEnum):
    """What a server deals in, as far as it changes what words mean there."""

    BROWSER = "browser"
    DEVICE = "device"
    MONEY = "money"
    MARKET = "market"
    DATABASE = "database"
    ANALYTICS = "analytics"
    BUILDS = "builds"
    TERMINAL = "terminal"


def things(text: str) -> frozenset[str]:
    return frozenset(text.split())


TRADES: Final[Mapping[Trade, frozenset[str]]] = {
    Trade.BROWSER: things(
        "browser browsers playwright puppeteer selenium webdriver chrome chromium firefox devtools "
        "browserbase stagehand "
        "hyperbrowser steel camoufox patchright safari webkit browseruse headless"
    ),
    Trade.DEVICE: things(
        "windows desktop macos applescript android adb ios iphone ipad mobile appium simulator emulator homeassistant "
        "homekit hue spotify sonos roku tv chromecast robot robotics drone printer octoprint arduino esp32 raspberry "
        "hass minecraft nest ecobee wled govee ros ros2 tuya shelly meross chromebook tv appletv denon bose "
        "heos keyboard mouse gui autogui pyautogui computer bulb thermostat vacuum "
        "player itunes vlc plex "
        "obs ableton daw midi tesla kasa tapo zigbee mqtt smartthings lifx nanoleaf "
    ),
    Trade.MONEY: things(
        "stripe paypal square adyen braintree razorpay mercadopago paddle chargebee lemonsqueezy wise plaid "
        "flutterwave "
        "paystack interswitch mollie pay payment payments billing bank banking venmo payoneer gocardless "
        "recurly revolut "
        "mercury brex ramp monzo checkout xendit midtrans payu cashfree phonepe alipay wechatpay klarna lightning x402 "
        "wallet finance fintech treasury mpesa paymob worldpay tap"
    ),
    Trade.MARKET: things(
        "metaplex bsc bnb pancakeswap freqtrade tastytrade opensea thirdweb "
        "alpaca trade trader trading broker brokerage stock stocks binance coinbase kraken bybit okx ccxt "
        "ibkr zerodha kite "
        "robinhood metatrader mt4 mt5 polymarket kalshi hyperliquid futures defi uniswap jupiter dex evm "
        "solana ethereum "
        "web3 blockchain onchain crypto bitcoin btc eth nft bitget kucoin deribit upbit schwab tradestation "
        "etrade oanda "
        "fidelity groww upstox angelone dhan tradier dydx goat agentkit quant qmt forex market markets prediction sui "
        "aptos starknet near algorand cardano ton tron polygon"
    ),
    Trade.DATABASE: things(
        "postgres postgresql mysql mariadb sqlite mongodb mongo mssql oracle duckdb snowflake bigquery "
        "redshift clickhouse "
        "neo4j supabase neon planetscale cockroachdb tidb database db sql dynamodb cassandra couchbase firestore redis "
        "valkey turso libsql motherduck databricks singlestore starrocks doris hive trino presto questdb timescale "
        "vertica teradata greenplum surrealdb arangodb memgraph dbhub nile xata"
    ),
    Trade.ANALYTICS: things(
        "analytics mixpanel amplitude posthog metabase looker tableau powerbi datadog grafana prometheus "
        "dynatrace newrelic "
        "splunk elastic elasticsearch opensearch kibana loki sentry honeycomb axiom logs observability "
        "monitoring cloudwatch "
        "dune logfire bettertstack tempo jaeger influxdb ga4 gsc chronosphere semrush ahrefs research search docs "
        "documentation axiom victoriametrics cube superset"
    ),
    Trade.BUILDS: things(
        "buildkite circleci jenkins actions travis teamcity ci cd pipeline argocd argo tekton vercel netlify "
        "railway render "
        "heroku fly deploy terraform pulumi tofu codemagic bitrise expo eas azuredevops spinnaker harness "
        "dagger amplify koyeb "
        "ansible saltstack salt puppet chef flux fluxcd opentofu crossplane"
    ),
    Trade.TERMINAL: things("terminal shell ssh bash command cmd powershell console tmux iterm exec sandbox e2b"),
}

MONEY: Final = things(
    "charge payment payout refund transfer payroll donation deposit withdrawal purchase checkout money fund "
    "funds remittance "
    "disbursement chargeback topup cash crypto token eth sol btc usdc coin transaction settlement bill salary cashout "
    "reimbursement tip wire debit credits giftcard airtime balance mandate paylink invoice_payment payments"
)
"""What moves money when it is made, sent or processed."""

RUNS: Final = things(
    "run build execution prediction deployment job invocation rollout pipeline_run instance_refresh scan_job "
    "workflow_run crawl "
    "release_run simulation agent_run dag_run batch_job rollback_run training_job"
)
"""What starts when it is created."""

LIVE: Final = things(
    "run build job execution query task process workflow pipeline deployment session request instance search "
    "crawl scrape "
    "operation command sync export import training batch stream scan test action server container trace recording call "
    "print render research generation prediction dag actor replay rollout update agent loop animation playback"
)
"""What goes on until it is cancelled or ends."""

ATTACKS: Final = things("nmap sqlmap nikto hydra metasploit gobuster masscan zap wpscan pentest exploit nuclei burp")
"""What a scan with it does to its target."""

REPORTS: Final = things(
    "audit report analysis analyzer diagnostic diagnostics check checks healthcheck scan lint benchmark search "
    "scanning scanner linter checker auditing profiling linting inspection funnel retention segmentation frequency "
    "cohort "
    "insight insights assessment evaluation lookup "
    "validation profile explain lighthouse accessibility seo performance audits query_report search_query analytics "
    "screening backtest simulation forecast metrics explainer debugger statistics trends"
)
"""What running only reports."""

ATTACHED: Final = things(
    "label tag ban member reaction assignee reviewer collaborator watcher participant role permission link "
    "bookmark star favorite favourite follower attendee guest user_from group_member relation association parent "
    "child dependency subscriber highlight emoji status effect like upvote vote combatant flag filter tags labels "
    "members reviewers assignees contributor teammate viewer editor owner admin cc recipient invitee tagging "
    "membership category item_from pin mention policy_from subscription_from topic channel_from watch playlist "
    "queue cart user formatting format border conditional follow contact_from milestone blocker domain_from "
    "player breakpoint worktree remote bot students teacher enrollment target nsg association_from approver hold "
    "lock subscribers alias equipment protection restriction background noise watermark"
)
"""What can simply be attached again."""

MEDIA: Final = things(
    "image video audio speech music voice song model mesh asset file diagram presentation picture avatar 3d pdf page "
    "website document key slide deck chart secret credential"
)
"""What is a thing of its own once it is generated."""

PROGRAMS: Final = things(
    "computer agent subagent assistant copilot autopilot python repl interpreter terminal console jupyter sandbox "
    "rcon cli node ruby perl ipython aircrack amass ansible aws az bash cargo cmd crackmapexec curl dalfox dirb "
    "dirsearch docker feroxbuster ffuf gcloud git gobuster hashcat helm hydra john kubectl masscan metasploit "
    "msfconsole msfvenom netexec nikto nmap npm npx nuclei pip powershell pwsh rustscan shell sqlmap ssh "
    "subfinder sudo telnet terraform wfuzz wget wpscan xsser zsh"
)
"""What a tool that is called nothing else runs, with whatever it is given."""

READ_ONLY_LANGUAGES: Final = things(
    "soql gaql nrql dql kql promql logql traceql esql groq dax jql wiql lucene spl xpath jmespath jsonpath sosl "
    "flux loki prometheus insights"
)

TEXTS: Final = things(
    "text sql query code dql kql cypher plan outline summary description guide recommendation rule rules regex "
    "title name prompt answer response explanation docs documentation schema snippet commands command fake dummy "
    "placeholder uuid random string password hash token_text number id embedding embeddings completion "
    "completions template example examples suggestion suggestions report_text url link signature qr types config "
    "manifest policy_text uri uuids ids numbers hint ideas questions quiz bytes metadata locator locators "
    "checklist advice analysis instructions landscape overview payload chain notes changelog brief briefing "
    "comparison inference"
)
"""What is only returned when it is generated."""

ANALYTIC: Final = things(
    "metric metrics log logs trace traces event events report funnel retention analytics data_explorer "
    "insight insights "
    "docs documentation range instant prometheus loki histogram traceql logql promql kql dql errors issues dashboards "
    "panel api_docs knowledge search schema index vector similar series nodes edges graph entities facts "
    "memory table_data "
    "flux ga4 gaql timeseries spans span chart statistics performance cost usage"
)
"""What querying can only read."""

THINGS_READ: Final = things(
    "names ids analysis assessment report reports landscape comparison insights intelligence workload velocity "
    "distribution details detail status info information values schema history overview metrics summary results result "
    "output outputs docs "
    "documentation help version versions profile stats statistics logs log data tables columns list types health "
    "capabilities suggestions recommendations examples quote quotes price prices balance balances weather forecast "
    "news calendar events changes diff branches commits files resources me identity usage cost costs count total "
    "directory contents content state config_info settings_info languages guidelines guide reference trends rates "
    "rate fundamentals candles bars ticker orderbook leaderboard standings score scores time date today now "
    "length size "
    "keys exists type rank range members findings insights readme changelog nearby directions distance elevation "
    "timezone availability inventory_levels snippets diagnostics errors warnings console network requests "
    "messages_list "
    "practices advisor catalog catalogue categories intelligence cardinality strlen position "
    "matrix indexes devices synonyms fulltext values definition trending similar popular top latest recent upcoming "
    "query_results holidays explanation traces"
)
"""A name that only names such a thing reads it."""

UNDO_LOSES: Final = things(
    "branch database parent commit head hard table backup snapshot instance cluster server volume"
)
"""What holds newer work that going back loses."""

ENDS_OF_PAGES: Final = things("page tab window browser session dialog app application file url link cover door garage")


def singular(word: str) -> str:
    """A noun without its plural ending, near enough for a lexicon."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ses", "xes", "ches", "shes", "zzes")):
        return word[:-2] if not word.endswith(("ases", "uses", "nses", "oses", "rses")) else word[:-1]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ws")):
        return word[:-1]
    return word
