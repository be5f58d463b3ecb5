"""Carries out plans: drives kops and kubectl, step by step, with a journal."""
