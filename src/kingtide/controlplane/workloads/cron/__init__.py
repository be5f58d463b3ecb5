"""When a CronJob runs, and what it does about runs that it missed."""
