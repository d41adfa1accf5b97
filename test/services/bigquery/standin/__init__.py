"""BigQuery on this machine: bqemulator, made as strict as the real thing in what Loadline depends on.

Stricter than the emulator: jobs run beside their requests, an id is used up for good whatever became of its job, uploads keep their
id, a failed query fails; transactions see a snapshot, the first to commit wins and the others are cancelled as a whole, DDL in them
is refused, what is not committed at the end of a script is gone; load jobs happen wholly or not at all and keep to their options and
types; keys are not enforced; a statement that would read more than its job may be billed for is refused, in scripts too; access lists
of datasets have BigQuery's defaults, names and etags, and refuse what it refuses.

What it does not show: whether Google's parser takes a text that sqlglot takes, and takes its types as strictly; quotas and costs, and
what a dry run estimates (here the columns that a statement names, of all rows); whether a right is asked for anywhere, locations,
retention of job ids and results, the streaming buffer, time-outs, the limits of text and parameters, and the exact wording of the
messages of load jobs. Its transactions cancel at a statement or at the commit; the real ones may do so at another point, with the
same text.
"""
