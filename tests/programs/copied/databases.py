"""sqlite3: in a file, and in memory."""
import sqlite3

connection = sqlite3.connect("data.db")
connection.execute("create table things (number integer primary key, name text)")
with connection:
    for number in range(20):
        connection.execute("insert into things values (?, ?)", (number, f"name {number}"))
rows = connection.execute("select * from things where number > 15").fetchall()
connection.create_function("double", 1, lambda value: value * 2)
doubled = [row[0] for row in connection.execute("select double(number) from things limit 5")]
try:
    with connection:
        connection.execute("delete from things")
        connection.execute("insert into nothing values (1)")
except sqlite3.OperationalError as error:
    why = str(error)
count = connection.execute("select count(*) from things").fetchone()
connection.close()
again = sqlite3.connect("data.db")
names = again.execute("select name from things order by number desc limit 3").fetchall()
again.close()
memory = sqlite3.connect(":memory:")
memory.execute("create table t (x)")
memory.executemany("insert into t values (?)", [(number,) for number in range(10)])
total = memory.execute("select sum(x) from t").fetchone()[0]
memory.close()
