"""What the bot's tokens say and for how long they are good: the bot mints them, the API reads them."""

from __future__ import annotations

from typing import Final

ALGORITHM: Final = "EdDSA"
"""Ed25519: the API holds public keys only, so nothing it could lose mints a token."""
ISSUER: Final = "polycool-bot"
AUDIENCE: Final = "polycool-api"
BOT: Final = "bot"
"""Subject and scope of the bot's own token; a user's token has the user's name as its subject."""
LIFE_SECONDS_MAX: Final = 900
"""A token that says it lives longer is no token of ours (UX §5)."""
API_TOKEN_PREFIX: Final = "pc_"  # noqa: S105 (how tokens begin)
"""How a token that a user has made begins; 43 characters of base64url follow."""
