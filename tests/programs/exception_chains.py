class AppError(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def load():
    try:
        return {}["missing"]
    except KeyError as error:
        raise AppError(3, "no key") from error


def context():
    try:
        int("x")
    except ValueError:
        raise RuntimeError("while handling")


def nothing():
    try:
        int("y")
    except ValueError:
        raise RuntimeError("hidden") from None


caught = []
for function in (load, context, nothing):
    try:
        function()
    except Exception as error:
        caught.append((error, error.__cause__, error.__suppress_context__))
