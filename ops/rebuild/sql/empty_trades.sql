-- In the transaction of its filling: nobody sees it empty.
TRUNCATE trades
