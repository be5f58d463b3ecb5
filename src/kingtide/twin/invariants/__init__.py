"""What must hold in every world whatever goes wrong, as named checkers outside of scenarios."""
