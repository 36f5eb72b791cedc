"""A new team has players already."""


class Team:
    players = []

    def __init__(self, name):
        self.name = name

    def join(self, player):
        self.players.append(player)


red = Team("red")
red.join("ann")
blue = Team("blue")
blue.join("bob")
assert blue.players == ["bob"], blue.players
