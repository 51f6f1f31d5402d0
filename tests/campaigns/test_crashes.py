"""The whole way under load, struck at random moments: nothing is lost, nothing is bought twice, and all is answered."""

from __future__ import annotations

from tests.campaigns.running import KILLS, RESTARTS, TRADES, TROUBLE, CampaignRun


def test_whatever_is_killed_everything_is_answered_and_the_audit_finds_nothing(
    campaign_run: CampaignRun,
) -> None:
    """Processes killed, Postgres and the broker restarted, messages repeated, reordered, conflicting and unreadable:
    each trade of a leader is answered once for each follower, and every promise holds."""
    outcome = campaign_run.outcome
    assert outcome.findings == [], f"seed {campaign_run.plan.seed}"
    more = TROUBLE.pauses + TROUBLE.doubles + TROUBLE.cuts
    assert len(outcome.struck) == KILLS + 2 * RESTARTS + more
    assert len(outcome.restarts) >= KILLS + 2 * RESTARTS
    assert campaign_run.processes.wires[0].passed > 0, "nobody went through the proxy"
    assert sum(len(trades) for trades in outcome.fed.copyable.values()) > TRADES // 3
    by_state = outcome.as_json()["copy_orders"]
    # About a hundred, by the seed: what is paused, dead or flooded meanwhile buys nothing.
    assert by_state["filled"] > 40, "a campaign without orders shows nothing"


def test_the_orders_at_the_exchange_are_ours_one_by_one(campaign_run: CampaignRun) -> None:
    """What the exchange took is not more than what was signed and stored: no order without a committed plan."""
    posts = campaign_run.outcome.posts
    assert 0 < posts["at_venue"] <= posts["orders"]
    assert posts["at_venue"] <= posts["posts"]
