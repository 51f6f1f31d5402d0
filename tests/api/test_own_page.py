"""The web page of one's own: it holds nothing, lets no stranger's script in, and its link signs in once."""

from __future__ import annotations

import httpx

from tests.api.conftest import Face


async def test_the_page_holds_nothing_and_lets_nothing_foreign_in(face: Face) -> None:
    """The same page for everybody, in their language, under a policy that allows our own files alone."""
    async with httpx.AsyncClient(base_url=face.http.base_url) as stranger:
        page = await stranger.get("/me", headers={"Accept-Language": "en-GB"})
        parts = [await stranger.get(f"/me/{name}") for name in ("page.js", "page.css")]
    assert page.status_code == 200
    assert "Leaders you follow" in page.text
    assert "$" not in page.text
    for each in (page, *parts):
        assert each.status_code == 200
        policy = each.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    # What is shown is set as text: a market's question cannot become markup.
    assert "innerHTML" not in parts[0].text


async def test_the_link_of_the_bot_leads_to_the_page_and_signs_in_once(face: Face) -> None:
    """What stands behind # is exchanged for a session; the second time it opens nothing."""
    user = await face.new_user("Alice")
    link = (await face.post("/v1/auth/link", user=user)).json()["link"]
    address, _, secret = link.partition("#link=")
    async with httpx.AsyncClient(base_url=face.http.base_url) as browser:
        assert (await browser.get(httpx.URL(address).path)).status_code == 200
        assert (await browser.post("/v1/auth/exchange", json={"link": secret})).status_code == 204
        assert (await browser.get("/v1/me")).json()["user_id"] == user
    async with httpx.AsyncClient(base_url=face.http.base_url) as second:
        assert (await second.post("/v1/auth/exchange", json={"link": secret})).status_code == 401
