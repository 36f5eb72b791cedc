"""All that randomness comes from."""
import os
import random
import secrets
import tempfile
import uuid

seen = []
for number in range(30):
    seen.append((os.urandom(5), uuid.uuid4(), secrets.token_hex(4), secrets.randbelow(1000)))
    chance = random.Random().random()
    system = random.SystemRandom().randint(1, 100)
random.seed()
numbers = [random.random() for _ in range(5)]
one = uuid.uuid1()
name = next(tempfile._get_candidate_names())
