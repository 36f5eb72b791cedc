"""Every clock, and sleeping."""
import datetime
import time

seen = []
for number in range(40):
    seen.append((time.time(), time.monotonic(), time.perf_counter_ns(), time.process_time(), time.thread_time_ns()))
    now = datetime.datetime.now()
    utc = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.date.today()
    text = time.strftime("%S", time.localtime())
time.sleep(0.01)
began = time.monotonic()
while time.monotonic() - began < 0.01:
    rounds = time.get_clock_info("monotonic").resolution
