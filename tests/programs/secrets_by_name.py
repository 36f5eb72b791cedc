author = "ann"
tokens = ["a", "b"]
passenger = 5
keyboard = "qwerty"
secretary = "bob"
