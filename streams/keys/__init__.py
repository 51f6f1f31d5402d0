"""Keys at rest: an envelope per wallet, its data key wrapped by a provider (DESIGN §13). Only `trading` opens them."""
