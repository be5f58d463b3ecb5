"""The controllers: one room each, independent of each other, pure."""
