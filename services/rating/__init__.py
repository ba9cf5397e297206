"""Ratings 好差评: every closed case may be rated once, bad ratings are answered, and everybody may read both.

Owns tickets and ratings with their replies. Publishes rating.invited, rating.submitted, rating.replied,
rating.reply_missed. Consumes case.closed (mints the ticket) and person.merged (moves tickets).
"""
