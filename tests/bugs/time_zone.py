"""A meeting at half past midnight is on the wrong day."""

from datetime import datetime, timedelta, timezone

BERLIN = timezone(timedelta(hours=2))


def parse(text):
    return datetime.fromisoformat(text)


def day_of(moment):
    utc = moment.astimezone(timezone.utc)
    return utc.day


meeting = parse("2024-07-05T00:30:00+02:00")
day = day_of(meeting)
assert day == 5, day
