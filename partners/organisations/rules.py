"""How long what is said of a partner may be."""

NAME_LENGTH = 200
ABOUT_LENGTH = 2000
SOURCE_LENGTH = 200
