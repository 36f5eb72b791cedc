def fail():
    error = ValueError("base", 7)
    error.add_note("first note")
    error.extra = {"detail": [1]}
    raise error


try:
    fail()
except ValueError as error:
    error.add_note("second note")
    kept = error
notes = kept.__notes__
