"""What watches the processes: names of figures, alert rules, dashboard, traces, units of deployment."""
