"""json, gzip, pickle, shelve, csv, zip and configuration files."""
import configparser
import csv
import gzip
import json
import pickle
import shelve
import zipfile

data = {"numbers": list(range(20)), "text": "café", "nested": {"a": [1.5, None, True]}}
with open("data.json", "w") as file:
    json.dump(data, file)
with open("data.json") as file:
    equal = json.load(file) == data
with gzip.open("data.gz", "wb") as file:
    file.write(b"x" * 10000)
with gzip.open("data.gz", "rb") as file:
    length = len(file.read())
with open("data.pickle", "wb") as file:
    pickle.dump(data, file)
with open("data.pickle", "rb") as file:
    same = pickle.load(file) == data
with shelve.open("data.shelf") as shelf:
    for number in range(5):
        shelf[str(number)] = number * number
with shelve.open("data.shelf") as shelf:
    values = sorted(shelf.values())
with open("data.csv", "w", newline="") as file:
    csv.writer(file).writerows([(number, number**2) for number in range(5)])
with open("data.csv", newline="") as file:
    rows = list(csv.reader(file))
with zipfile.ZipFile("data.zip", "w") as archive:
    archive.writestr("inner", "content")
with zipfile.ZipFile("data.zip") as archive:
    inner = archive.read("inner")
parser = configparser.ConfigParser()
parser["part"] = {"key": "value"}
with open("data.ini", "w") as file:
    parser.write(file)
read = configparser.ConfigParser()
names = read.read("data.ini")
