"""Options side by side, the decision by an office on one day, and what it does to what it leaves behind.

A decision is drafted and proposed by those who run the programme, and taken by whoever holds the office, or its clerk.
Taking it applies its effects in one transaction through the ``changes`` of the rooms below; from then on the database
refuses every change of it, and a later decision may supersede it. Uses every room of programmes below, and consortia,
people and audit.
"""
