"""Settings of `polycool trading`, read once from POLYCOOL_*; each limit has the reason for its number beside it."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from streams.keys.settings import EXAMPLES, KeySettings
from streams.trading.live_settings import LiveSettings
from streams.trading.price_settings import PriceSettings
from streams.trading.sending_settings import SendingSettings


class TradingSettings(SendingSettings, LiveSettings, PriceSettings, KeySettings):
    """What the process needs; a missing, impossible or example value stops the start."""

    database_url: SecretStr
    topic_prefix: str = ""
    log_level: str = "info"
    # Where traces go, as with streams.
    traces_url: str | None = None

    # Loopback only. 0: any free port, named in the line that says ready.
    trading_http_port: int = Field(default=0, ge=0, lt=65_536)

    paper_url: str = "http://127.0.0.1:8010"
    paper_admin_token: SecretStr
    # A fan-out of 1,000 followers is one claim; its rows, signed, are half a megabyte.
    claim_most: int = Field(default=1_000, ge=1, le=10_000)
    # The net under NOTIFY: a lost wake-up costs this long.
    poll_seconds: float = Field(default=0.5, gt=0, le=10)
    # Whoever asks for a quote or orders by hand waits for two looks at most.
    hand_seconds: float = Field(default=0.1, gt=0, le=5)
    # Looks for fills beside the POSTs; few, so that they never hold up a POST.
    collect_concurrency: int = Field(default=16, ge=1, le=200)
    # For so long the paper exchange is asked to hear what a token is; then its order goes and gets its answer.
    tell_patience_seconds: float = Field(default=20.0, ge=0)
    # For so long at most the fills of BUYs wait until all POSTs in the line are out.
    collect_patience_seconds: float = Field(default=1.0, ge=0)
    # The real one answers in 0.3 s, in bad hours in many; what takes longer is unknown and looked up (SAFETY R5).
    post_seconds: float = Field(default=5.0, ge=0.2, le=10)
    read_seconds: float = Field(default=5.0, ge=0.2, le=30)
    # Orders that are over, booked in one transaction: 64 hold their locks for some 30 ms.
    book_most: int = Field(default=64, ge=1, le=1_000)

    # SAFETY R1: pauses after the first, second, … attempt of a SELL; the last for all beyond.
    attempt_pauses: tuple[float, ...] = (2.0, 5.0, 15.0, 30.0)
    # SAFETY R1: shares bought this recently may be missing at the exchange yet.
    share_lag_seconds: float = Field(default=60.0, ge=0)
    # RULES §2: exit_attempts_max where the settings name none.
    attempts_max: int = Field(default=5, ge=1, le=20)

    # SAFETY R17: by how much our clock may differ from the exchange's for a BUY, and how old the comparison may be.
    clock_differs_seconds: float = Field(default=2.0, gt=0)
    clock_compared_seconds: float = Field(default=60.0, gt=0)
    clock_every_seconds: float = Field(default=15.0, gt=0)

    # SAFETY R5: proof of absence is this many looks without a fault, over at least this long.
    proof_looks: int = Field(default=5, ge=2)
    proof_seconds: float = Field(default=45.0, gt=0)
    reconcile_seconds: float = Field(default=1.0, gt=0)
    reconcile_concurrency: int = Field(default=16, ge=1)
    # The same bytes again: not sooner than this after the last POST, and for a SELL not more often than this.
    repeat_seconds: float = Field(default=5.0, gt=0)
    repeats_max: int = Field(default=3, ge=0)
    # SAFETY R15: what rests is cancelled after this long.
    rest_seconds: float = Field(default=10.0, gt=0)

    # Matched to settled takes the real one 2 to 5 s; each pass looks at this many orders.
    settle_after_seconds: float = Field(default=3.0, ge=0)
    settle_most: int = Field(default=200, ge=1)
    sweep_seconds: float = Field(default=1.0, gt=0)
    # A BUY that could not be sent ends this long after its deadline, if no look before its POST has ended it.
    overdue_seconds: float = Field(default=5.0, ge=0)
    # Accounts opened in one go: 200 logins at the exchange take a second.
    open_most: int = Field(default=200, ge=1)
    wallets_kept: int = Field(default=20_000, ge=1)

    # Loops with a transaction each, the listener, and room for those that wait.
    database_connections: int = Field(default=12, ge=6, le=50)
    # Passing faults of the database are retried this long; then the process ends and begins anew with a reconciliation.
    patience_seconds: float = Field(default=60.0, gt=0)

    @field_validator("paper_admin_token")
    @classmethod
    def _no_example(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if len(text) < 8 or text.lower().startswith(EXAMPLES):
            raise ValueError("is missing or an example; set a secret of your own")
        return value
