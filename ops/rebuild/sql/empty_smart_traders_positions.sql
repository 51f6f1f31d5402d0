-- In the transaction of its filling: nobody sees it empty.
TRUNCATE smart_traders_positions
