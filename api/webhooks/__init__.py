"""The door for trades that come by webhook: signatures, bodies, the broker's confirmation."""
