"""How long what is said of a programme may be, and which versions there are."""

NAME_LENGTH = 200
SUMMARY_LENGTH = 2000
REASON_LENGTH = 200
CONSTRAINT_LENGTH = 500
SOURCE_LENGTH = 200
LESSON_LENGTH = 4000
POSITION_LENGTH = 2000
LARGEST_VERSION = 999_999_999
VERSION = r"^[1-9][0-9]{0,8}\Z"
OUT_OF_DATE = "This page is out of date. Open it again and repeat the change"
