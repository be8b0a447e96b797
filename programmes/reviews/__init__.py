"""Reviews: a fixed window of up to eight weeks, its milestones, and each date explained in words.

Opening is an instant and closing is 5pm on a working day; whether a review is open is computed from the two, and no job
closes anything. Consultations live above. Uses register, reminders and calendar.
"""
