"""What settings would have done with recorded trades: the deciding code, event time as the clock, nothing placed."""
