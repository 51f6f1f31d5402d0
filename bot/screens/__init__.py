"""The screens (UX §2): each a pure function from facts to text and buttons, with the actions that fetch the facts."""
