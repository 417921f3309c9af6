"""Working on a job: claim, work, complete, report; and what a processor's author sees of it."""
