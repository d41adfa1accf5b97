"""BigQuery on this machine: bqemulator, made as strict as the real thing in what Loadline depends on."""
