# Buffers and counts that objects of a library keep, reached by a name of the program's own as well.
# oracle: unchecked
import codecs
import collections
import configparser
import email.parser
import html.parser
import queue
import random
import string
import struct


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


class Sink:
    def __init__(self):
        self.data = bytearray()

    def write(self, text):
        self.data += text.encode()
        return len(text)


class Buffered(collections.UserList):
    def __init__(self):
        super().__init__()
        self.bytes = bytearray()

    def take(self, data):
        self.bytes.extend(data)
        self.append(len(self.bytes))


def parsers():
    links = Links()
    found = links.found
    links.feed("<a href='x'>one</a><b")
    links.feed(" c=d>")
    feed = email.parser.BytesFeedParser()
    feed.feed(b"To: me\n")
    feed.feed(b"\nbody\n")
    message = feed.close()
    settings = configparser.ConfigParser()
    sections = settings._sections
    settings.read_string("[one]\ntwo = 3\n")
    settings["four"] = {"five": "6"}
    return found, message["to"], sections


def writers():
    sink = Sink()
    data = sink.data
    print("one", "two", file=sink)
    encoder = codecs.getwriter("utf-8")
    return data, encoder


def buffers():
    waiting = queue.Queue()
    inside = waiting.queue
    waiting.put(bytearray(b"x"))
    waiting.put(2)
    first = waiting.get()
    first.extend(b"yz")
    buffered = Buffered()
    kept, plain = buffered.bytes, buffered.data
    buffered.take(b"12")
    buffered.take(b"345")
    packed = bytearray(8)
    struct.pack_into("<I", packed, 2, 7)
    values = [1, 2, 3]
    random.Random(1).shuffle(values)
    counted = collections.ChainMap({}, {"a": 1})
    top = counted.maps[0]
    counted["b"] = 2
    counted.update(c=3)
    text = string.Formatter().vformat("{0}{a}", (1,), {"a": 2})
    return inside, first, kept, plain, packed, values, top, text


print(parsers())
print(writers())
print(buffers())
