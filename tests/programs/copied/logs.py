"""logging to a file and to standard error."""
import logging
import logging.handlers

log = logging.getLogger("program")
log.setLevel(logging.DEBUG)
handler = logging.handlers.RotatingFileHandler("program.log", maxBytes=500, backupCount=2)
handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(process)d %(message)s"))
log.addHandler(handler)
log.addHandler(logging.StreamHandler())
for number in range(30):
    log.info("line %d", number)
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed")
handler.close()
with open("program.log") as file:
    lines = len(file.readlines())
