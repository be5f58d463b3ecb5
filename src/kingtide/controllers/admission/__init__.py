"""Looks at objects as they come: gives pods what they lack, and says what may not be so."""
