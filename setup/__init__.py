"""Sets a machine up for Kingtide's development: standard library only, it runs before all else."""
