def leave(code):
    raise SystemExit(code)


codes = []
for code in (0, 3, "text", None):
    try:
        leave(code)
    except SystemExit as error:
        codes.append(error.code)
