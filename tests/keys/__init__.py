"""Keys at rest and in hand: who wraps them, how they are wrapped anew, and that nothing shows one."""
