"""Dead letters as an operator at the command line looks after them; what is sent again is sent by streams."""
