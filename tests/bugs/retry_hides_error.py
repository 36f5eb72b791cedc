"""After three tries there is no answer, and no reason."""


def ask(server, attempt):
    if server["token"] != "new":
        raise PermissionError("the token is old")
    return f"answer {attempt}"


def ask_again(server):
    answer = None
    for attempt in range(3):
        try:
            answer = ask(server, attempt)
            break
        except OSError:
            continue
    return answer


answer = ask_again({"token": "old"})
assert answer is not None
