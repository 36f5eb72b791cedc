# oracle: lifetimes
saved = []


class Phoenix:
    def __init__(self):
        self.lives = 1

    def __del__(self):
        self.lives -= 1
        saved.append(self)


phoenix = Phoenix()
phoenix = None
saved[0].lives = 10
lives = saved[0].lives
