COPY (SELECT * FROM copy_orders WHERE trade_id = %(trade_id)s) TO STDOUT;
