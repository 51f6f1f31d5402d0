"""The contract: messages, money, ids, closed sets, views and the tables' SQL. No I/O; imports none of ours."""
