"""The ground floor: everyone the portfolio deals with, and how they are reached."""
