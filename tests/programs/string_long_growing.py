# oracle: limits
text = ""
for step in range(40):
    text += "0123456789" * 20
length = len(text)
tail = text[-5:]
