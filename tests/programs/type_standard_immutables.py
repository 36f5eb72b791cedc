import datetime
import re
import uuid
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath

day = datetime.date(2024, 2, 29)
moment = datetime.datetime(2024, 2, 29, 12, 30, 15, 123456)
aware = moment.replace(tzinfo=datetime.timezone.utc)
offset = datetime.timezone(datetime.timedelta(hours=-5, minutes=-30))
shifted = aware.astimezone(offset)
time = datetime.time(23, 59, 59, 1)
span = datetime.timedelta(days=-1, seconds=5, microseconds=7)
price = Decimal("19.990")
not_a_number = Decimal("NaN")
third = Fraction(1, 3)
negative = Fraction(-10, 4)
identity = uuid.UUID("12345678-1234-5678-1234-567812345678")
path = Path("/tmp") / "file.txt"
pure = PurePosixPath("a/b")
windows = PureWindowsPath("c:/x")
pattern = re.compile(r"(\w+)\s*=", re.IGNORECASE)
moment += span
price += 1
